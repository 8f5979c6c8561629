"""Les factures d'un mois en un seul fichier à imprimer : demandé sur la page « Suivre », pris quand il est prêt."""

from django.contrib import messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone

from commune.fichiers import servir

from ..forms import ImpressionForm
from ..models import Facturation, Impression

SUIVI = "admin:facturation_facturation_change"


def adresses(vue):
    return [
        path("<int:pk>/imprimer/", vue(imprimer), name="facturation_facturation_imprimer"),
        path("<int:pk>/factures.pdf", vue(fichier), name="facturation_facturation_imprimees"),
    ]


def etat(facturation, compte, a_poster):
    """Ce que la page « Suivre » en montre, à qui lit les factures ; ``a_poster`` : combien n'ont pas de courriel."""
    if not compte.has_perm("facturation.view_facture"):
        return {}
    impression = Impression.objects.filter(facturation=facturation).first()
    form = ImpressionForm(
        facturation=facturation, maintenant=timezone.now(), auto_id="imprimer_%s",
        initial={"toutes": "" if a_poster else "oui"},
    )  # fmt: skip
    return {"impression": impression, "impression_form": form}


def imprimer(request, pk):
    """Demande le fichier, ou reprend celui qui n'a pas fini."""
    if request.method != "POST" or not request.user.has_perm("facturation.view_facture"):
        raise PermissionDenied
    facturation = get_object_or_404(Facturation, pk=pk)
    form = ImpressionForm(request.POST, facturation=facturation, maintenant=timezone.now())
    try:
        if not form.is_valid():
            raise ValidationError("Dites lesquelles imprimer.", code="invalide")
        impression = form.save()
    except ValidationError as refus:
        messages.error(request, refus.message)
    else:
        noter(request, facturation, f"Fichier de {impression.a_faire} factures à imprimer demandé.")
    return redirect(SUIVI, pk)


def fichier(request, pk):
    """Le fichier, s'il est encore là ; chaque fois qu'il est pris est au journal."""
    if not request.user.has_perm("facturation.view_facture"):
        raise PermissionDenied
    facturation = get_object_or_404(Facturation, pk=pk)
    impression = Impression.objects.filter(facturation=facturation).exclude(fichier="").first()
    if impression is None:
        messages.error(request, "Ce fichier n'est plus là : demandez-le à nouveau, les factures sont gardées.")
        return redirect(SUIVI, pk)
    reponse = servir(impression.fichier, f"factures-{facturation.mois:%Y-%m}.pdf")
    noter(request, facturation, f"Fichier de {impression.faites} factures à imprimer pris.")
    return reponse


def noter(request, facturation, phrase):
    LogEntry.objects.log_actions(request.user.pk, [facturation], CHANGE, phrase, single_object=True)
