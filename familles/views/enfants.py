"""La page d'un enfant et ses blocs. Un parent n'y voit que son foyer, jamais l'autre."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST

from commune.fichiers import servir
from commune.regles import jour_de_paris

from .. import actions, forms, regles
from ..models import Autorisation, Enfant, Famille, FicheSanitaire, garde_des

BLOCS = {
    "identite": ("Identité", forms.IdentiteForm),
    "ecole": ("École et classe", forms.EcoleForm),
    "sante": ("Santé", forms.SanteForm),
    "autorisations": ("Autorisations", forms.AutorisationsForm),
    "entourage": ("Qui vient le chercher", forms.EntourageForm),
}


def enfant(request, pk):
    petit = get_object_or_404(Enfant.objects.du_compte(request.user).select_related("ecole"), pk=pk)
    famille = Famille.objects.du_compte(request.user).get()
    fiche = FicheSanitaire.objects.filter(enfant=petit).first()
    freres = list(Enfant.objects.de_la_famille(famille).values_list("pk", flat=True))
    contexte = {
        "enfant": petit,
        "rang": freres.index(petit.pk) % 6,  # sa couleur, la même qu'à l'accueil
        "famille": famille,
        **garde_partagee(petit, famille, jour_de_paris(timezone.now())),
        "fiche": fiche,
        "autorisations": autorisations(petit, famille),
        "personnes": petit.personnes.de_la_famille(famille).select_related("adulte"),
    }
    return render(request, "familles/enfant.html", contexte)


def garde_partagee(petit, famille, jour):
    """A-t-il un autre foyer, ce que dit leur garde, et s'il est ici aujourd'hui."""
    if not petit.rattachements.actuels().exclude(famille=famille).exists():
        return {"autre_foyer": False}
    chez = garde_des([petit], jour, jour).foyer(petit.pk, jour)
    garde = petit.gardes.au(jour).prefetch_related("periodes").first() if chez else None
    phrases = []
    if garde:
        autre = garde.autre_id if garde.foyer_id == famille.pk else garde.foyer_id
        phrases = regles.garde.phrases(garde.partage, {famille.pk: "chez vous", autre: "chez son autre foyer"})
    return {"autre_foyer": True, "garde": phrases, "ici": chez == famille.pk}


def autorisations(petit, famille):
    """Chaque question avec sa réponse du jour. De l'autre foyer, on dit qu'il a répondu, pas qui."""
    reponses = {a.genre: a for a in petit.autorisations.en_vigueur().select_related("compte__adulte")}
    for genre, libelle in Autorisation.Genre.choices:
        reponse = reponses.get(genre)
        adulte = getattr(reponse and reponse.compte, "adulte", None)
        de_chez_nous = adulte and adulte.famille_id == famille.pk
        yield {
            "libelle": libelle,
            "reponse": reponse,
            "par": (adulte if de_chez_nous else "son autre foyer") if adulte else "la mairie",
        }


@sensitive_post_parameters()
@sensitive_variables()
def bloc(request, pk, bloc):
    """Modifier un bloc de la page d'un enfant."""
    petit = get_object_or_404(Enfant.objects.du_compte(request.user), pk=pk)
    famille = Famille.objects.du_compte(request.user).get()
    titre, Form = BLOCS[bloc]
    form = Form(
        request.POST if request.method == "POST" else None, famille=famille, compte=request.user, **_objet(bloc, petit)
    )
    if request.method == "POST" and form.is_valid():
        try:
            form.save()
        except ValidationError as refus:
            form.add_error(None, refus)
        else:
            messages.success(request, f"{titre} : vos changements sont enregistrés.")
            return redirect("familles:enfant", pk)
    contexte = {"enfant": petit, "famille": famille, "titre": titre, "bloc": bloc, "form": form}
    return render(request, "familles/enfant_bloc.html", contexte)


def _objet(bloc, petit):
    if bloc == "sante":
        fiche = FicheSanitaire.objects.filter(enfant=petit).first() or FicheSanitaire(enfant=petit)
        return {"instance": fiche}
    return {"instance": petit} if bloc in ("identite", "ecole") else {"enfant": petit}


def photo(request, pk):
    """La photo, pour la famille et pour les agents qui ont le droit de voir l'enfant."""
    enfants = Enfant.objects.du_compte(request.user)
    if request.user.has_perm("familles.view_enfant"):
        enfants = Enfant.objects.all()
    petit = get_object_or_404(enfants, pk=pk)
    return servir(petit.photo, "photo.jpg", voir=True)


def photo_modifier(request, pk):
    petit = get_object_or_404(Enfant.objects.du_compte(request.user), pk=pk)
    recu = (request.POST, request.FILES) if request.method == "POST" else ()
    form = forms.PhotoForm(*recu, enfant=petit)
    if request.method == "POST" and form.is_valid():
        try:
            form.save()
        except ValidationError as refus:
            form.add_error("photo", refus)
        else:
            messages.success(request, "La photo est enregistrée.")
            return redirect("familles:enfant", pk)
    return render(request, "familles/photo.html", {"enfant": petit, "form": form})


@require_POST
def photo_retirer(request, pk):
    petit = get_object_or_404(Enfant.objects.du_compte(request.user), pk=pk)
    actions.retirer_photo(petit)
    messages.success(request, "La photo est effacée.")
    return redirect("familles:enfant", pk)


@require_POST
def retablir(request, pk):
    """Défait un départ ; ``pk`` est celui du rattachement terminé."""
    famille = get_object_or_404(Famille.objects.du_compte(request.user))
    rattachement = get_object_or_404(famille.rattachements.termines().select_related("enfant"), pk=pk)
    try:
        actions.retablir_enfant(rattachement, request.user, timezone.now())
    except ValidationError as refus:
        messages.error(request, refus.message)
        return redirect("familles:entourage")
    messages.success(request, f"{rattachement.enfant} fait de nouveau partie de votre famille.")
    return redirect("familles:enfant", rattachement.enfant_id)
