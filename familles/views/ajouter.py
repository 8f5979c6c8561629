"""Ajouter une personne, une étape par page."""

from collections import namedtuple
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from .. import actions, forms
from ..models import Enfant, Famille
from . import brouillons

Etape = namedtuple("Etape", "nom titre form aide")
Parcours = namedtuple("Parcours", "titre bouton etapes creer deja page")


def _creer_enfant(famille, compte, jeton, remplis):
    identite, ecole, sante, autorisations, entourage = remplis
    sante.cleaned_data.pop("vue")
    return actions.ajouter_enfant(
        famille,
        compte,
        jeton=jeton,
        identite=identite.cleaned_data,
        ecole=ecole.cleaned_data,
        sante=sante.cleaned_data,
        autorisations=autorisations.cleaned_data,
        entourage=entourage.entourage,
        maintenant=timezone.now(),
    )


def _creer_adulte(famille, compte, jeton, remplis):
    identite, telephones, enfants = remplis
    return actions.ajouter_adulte(
        famille,
        compte,
        jeton=jeton,
        identite=identite.cleaned_data,
        telephones=telephones.cleaned_data,
        enfants=enfants.enfants,
        maintenant=timezone.now(),
    )


PARCOURS = {
    "enfant": Parcours(
        "Ajouter un enfant",
        "Ajouter l'enfant",
        [
            Etape("identite", "Identité", forms.IdentiteForm, ""),
            Etape("ecole", "École et classe", forms.EcoleForm, "L'école décide des activités proposées."),
            Etape(
                "sante",
                "Santé",
                forms.SanteForm,
                "Ces réponses sont chiffrées. Seules les personnes qui gardent l'enfant les lisent, et chaque lecture "
                "est consignée. Rien n'est obligatoire.",
            ),
            Etape("autorisations", "Autorisations", forms.AutorisationsForm, "Vous pourrez changer d'avis."),
            Etape(
                "entourage",
                "Qui vient le chercher",
                forms.EntourageForm,
                "L'enfant n'est remis qu'aux personnes désignées ici. Il manque quelqu'un ? Ajoutez l'enfant, puis "
                "ajoutez cette personne.",
            ),
        ],
        _creer_enfant,
        lambda famille, jeton: Enfant.objects.de_la_famille(famille).filter(jeton=jeton).first(),
        "familles:enfant",
    ),
    "adulte": Parcours(
        "Ajouter un adulte",
        "Ajouter la personne",
        [
            Etape("identite", "Identité", forms.AdulteForm, ""),
            Etape("telephones", "Téléphones", forms.TelephonesForm, ""),
            Etape(
                "enfants",
                "Pour chaque enfant",
                forms.EnfantsForm,
                "Interdire un parent qui a l'autorité parentale demande un jugement : "
                "envoyez-le dans « Mes documents ».",
            ),
        ],
        _creer_adulte,
        lambda famille, jeton: famille.adultes.actuels().filter(jeton=jeton).first(),
        "familles:adulte",
    ),
}


def ajouter(request):
    """«Qui souhaitez-vous ajouter ?», et les ajouts commencés que l'on peut reprendre."""
    famille = get_object_or_404(Famille.objects.du_compte(request.user))
    commences = [_resume(jeton, brouillon) for jeton, brouillon in brouillons.tous(request).items()]
    return render(request, "familles/ajouter.html", {"famille": famille, "commences": commences[::-1]})


def _resume(jeton, brouillon):
    parcours = PARCOURS[brouillon["genre"]]
    rang = _premiere_a_faire(parcours, brouillon)
    identite = brouillon["donnees"].get("identite", {})
    return {
        "jeton": jeton,
        "genre": brouillon["genre"],
        "nom": f"{identite.get('prenom', '')} {identite.get('nom', '').upper()}".strip() or parcours.titre,
        "etape": parcours.etapes[rang],
        "rang": rang + 1,
        "sur": len(parcours.etapes),
    }


def commencer(request, genre):
    """Un jeton neuf à chaque fois : rien n'existe avant que la première étape ne soit envoyée."""
    return redirect("familles:ajouter_etape", genre, uuid4(), PARCOURS[genre].etapes[0].nom)


@require_POST
def abandonner(request, jeton):
    brouillons.oublier(request, jeton)
    messages.success(request, "L'ajout commencé a été effacé.")
    return redirect("familles:ajouter")


@sensitive_post_parameters()
@sensitive_variables()
def etape(request, genre, jeton, nom):
    famille = get_object_or_404(Famille.objects.du_compte(request.user))
    if genre not in PARCOURS:
        raise Http404
    parcours = PARCOURS[genre]
    deja = parcours.deja(famille, jeton)
    if deja:  # le second clic, ou la flèche « précédent » du navigateur après l'ajout
        return redirect(parcours.page, deja.pk)
    brouillon = brouillons.lire(request, jeton, genre)
    rang = _rang(parcours, nom)
    if brouillon["genre"] != genre:
        raise Http404
    if rang > _premiere_a_faire(parcours, brouillon):
        return _vers(genre, jeton, parcours, _premiere_a_faire(parcours, brouillon))
    form = _form(parcours, rang, brouillon, famille, request)
    if request.method == "POST":
        _retenir(brouillon, nom, form, faite="retour" not in request.POST and form.is_valid())
        brouillons.garder(request, jeton, brouillon)
        if "retour" in request.POST:
            return _vers(genre, jeton, parcours, rang - 1) if rang else redirect("familles:ajouter")
        if form.is_valid() and rang + 1 < len(parcours.etapes):
            return _vers(genre, jeton, parcours, rang + 1)
        if form.is_valid():
            return _finir(request, famille, genre, jeton, brouillon, form)
    return _page(request, famille, parcours, rang, form)


def _finir(request, famille, genre, jeton, brouillon, form):
    """Relit toutes les étapes, puis crée : l'école a pu fermer, ou un autre onglet avoir ajouté l'enfant."""
    parcours = PARCOURS[genre]
    remplis = [_relu(parcours, rang, brouillon, famille) for rang in range(len(parcours.etapes))]
    for rang, rempli in enumerate(remplis):
        if not rempli.is_valid():
            messages.error(request, "Cette étape est à revoir : rien n'a encore été enregistré.")
            return _vers(genre, jeton, parcours, rang)
    try:
        personne = parcours.creer(famille, request.user, jeton, remplis)
    except ValidationError as refus:
        form.add_error(None, refus)
        return _page(request, famille, parcours, len(parcours.etapes) - 1, form)
    brouillons.oublier(request, jeton)
    messages.success(request, f"{personne} fait maintenant partie de votre espace famille.")
    return redirect(parcours.page, personne.pk)


def _rang(parcours, nom):
    noms = [e.nom for e in parcours.etapes]
    if nom not in noms:
        raise Http404
    return noms.index(nom)


def _premiere_a_faire(parcours, brouillon):
    """Le rang de la première étape qui n'a pas été validée, au plus celui de la dernière."""
    rangs = [rang for rang, e in enumerate(parcours.etapes) if e.nom not in brouillon["faites"]]
    return min(rangs, default=len(parcours.etapes) - 1)


def _precedent(parcours, rang, brouillon):
    """Ce qui a été tapé aux étapes d'avant : la classe décide des autorisations, le numéro des urgences."""
    precedent = {}
    for e in parcours.etapes[:rang]:
        precedent |= brouillon["donnees"].get(e.nom, {})
    return precedent


def _relu(parcours, rang, brouillon, famille):
    e = parcours.etapes[rang]
    return e.form(
        brouillon["donnees"].get(e.nom, {}),
        famille=famille,
        precedent=_precedent(parcours, rang, brouillon),
    )


def _form(parcours, rang, brouillon, famille, request):
    e = parcours.etapes[rang]
    if request.method != "POST" and e.nom in brouillon["faites"]:
        return _relu(parcours, rang, brouillon, famille)
    return e.form(
        request.POST if request.method == "POST" else None,
        # Revenu en arrière au milieu d'une étape : ce qui était tapé est là, sans reproche pour ce qui manquait.
        initial=brouillon["donnees"].get(e.nom),
        famille=famille,
        precedent=_precedent(parcours, rang, brouillon),
    )


def _retenir(brouillon, nom, form, faite):
    """Garde ce qui a été tapé, tel quel, même incomplet ; et si l'étape est passée."""
    brouillon["donnees"][nom] = {
        champ: valeur
        for champ in form.fields
        if (valeur := form[champ].data) is not None
    }  # fmt: skip
    brouillon["faites"] = [n for n in brouillon["faites"] if n != nom] + ([nom] if faite else [])


def _vers(genre, jeton, parcours, rang):
    return redirect("familles:ajouter_etape", genre, jeton, parcours.etapes[rang].nom)


def _page(request, famille, parcours, rang, form):
    contexte = {
        "famille": famille,
        "parcours": parcours,
        "noms": [e.titre for e in parcours.etapes],
        "numero": rang + 1,
        "etape": parcours.etapes[rang],
        "derniere": rang + 1 == len(parcours.etapes),
        "form": form,
    }
    return render(request, "familles/etape.html", contexte)
