"""Les adultes du foyer, l'adresse, et l'entourage entier d'un coup d'œil."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from .. import actions, forms
from ..actions.enfants import peut_etre_retabli
from ..models import Adulte, Enfant, Famille, PersonneAutorisee

BLOCS = {
    "identite": ("Identité", forms.AdulteForm),
    "telephones": ("Téléphones", forms.TelephonesForm),
    "enfants": ("Pour chaque enfant", forms.EnfantsForm),
}


def adulte(request, pk):
    grand = get_object_or_404(Adulte.objects.du_compte(request.user).actuels(), pk=pk)
    famille = Famille.objects.du_compte(request.user).get()
    enfants = Enfant.objects.de_la_famille(famille)
    roles = {p.enfant_id: p for p in grand.enfants_confies.en_cours()}
    contexte = {
        "adulte": grand,
        "famille": famille,
        "enfants": [(petit, roles.get(petit.pk)) for petit in enfants],
        "moi": grand.compte_id == request.user.pk,
    }
    return render(request, "familles/adulte.html", contexte)


def bloc(request, pk, bloc):
    """Modifier un bloc de la page d'un adulte."""
    grand = get_object_or_404(Adulte.objects.du_compte(request.user).actuels(), pk=pk)
    famille = Famille.objects.du_compte(request.user).get()
    titre, Form = BLOCS[bloc]
    objet = {"adulte": grand} if bloc == "enfants" else {"instance": grand}
    form = Form(request.POST if request.method == "POST" else None, famille=famille, compte=request.user, **objet)
    if request.method == "POST" and form.is_valid():
        try:
            form.save()
        except ValidationError as refus:
            form.add_error(None, refus)
        else:
            messages.success(request, f"{titre} : vos changements sont enregistrés.")
            return redirect("familles:adulte", pk)
    contexte = {"adulte": grand, "famille": famille, "titre": titre, "bloc": bloc, "form": form}
    return render(request, "familles/adulte_bloc.html", contexte)


def fin(request, pk):
    """L'adulte quitte l'entourage : ce qui s'ensuit est dit d'abord."""
    grand = get_object_or_404(Adulte.objects.du_compte(request.user).actuels(), pk=pk)
    refus = None
    if request.method == "POST":
        try:
            actions.retirer_adulte(grand, timezone.now())
        except ValidationError as erreur:
            refus = erreur.message
        else:
            messages.success(request, f"{grand} ne fait plus partie de votre entourage.")
            return redirect("familles:entourage")
    personnes = grand.enfants_confies.en_cours().select_related("enfant")
    return render(request, "familles/adulte_fin.html", {"adulte": grand, "personnes": personnes, "refus": refus})


@require_POST
def retablir(request, pk):
    grand = get_object_or_404(Adulte.objects.du_compte(request.user).exclude(fin=None), pk=pk)
    try:
        actions.retablir_adulte(grand)
    except ValidationError as refus:
        messages.error(request, refus.message)
        return redirect("familles:entourage")
    messages.success(request, f"{grand} fait de nouveau partie de votre entourage.")
    return redirect("familles:adulte", pk)


def foyer(request):
    """L'adresse de la famille."""
    famille = get_object_or_404(Famille.objects.du_compte(request.user))
    form = forms.FoyerForm(request.POST if request.method == "POST" else None, instance=famille)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Votre adresse est enregistrée.")
        return redirect("familles:entourage")
    return render(request, "familles/foyer.html", {"form": form, "famille": famille})


def entourage(request):
    """Qui peut quoi pour qui : une ligne par adulte, une colonne par enfant."""
    famille = get_object_or_404(Famille.objects.du_compte(request.user))
    enfants = list(Enfant.objects.de_la_famille(famille))
    adultes = list(famille.adultes.all())
    personnes = PersonneAutorisee.objects.en_cours().filter(adulte__in=adultes, enfant__in=enfants)
    roles = {(p.adulte_id, p.enfant_id): p for p in personnes}
    partis = famille.rattachements.termines().select_related("enfant", "fin_par__adulte")
    ici = {(petit.cle, petit.date_naissance) for petit in enfants}  # une fiche réunie à une autre n'est pas un départ
    contexte = {
        "famille": famille,
        "enfants": enfants,
        "lignes": [
            (grand, [(petit, roles.get((grand.pk, petit.pk))) for petit in enfants])
            for grand in adultes
            if not grand.fin
        ],
        "anciens": [grand for grand in adultes if grand.fin],
        "partis": [
            (lien, peut_etre_retabli(lien))
            for lien in partis
            if (lien.enfant.cle, lien.enfant.date_naissance) not in ici
        ],
    }
    return render(request, "familles/entourage.html", contexte)
