"""Les quotients et les excuses arrivés après la facture : ce qu'ils y changent, relu avant d'en faire un avoir."""

from django import forms
from django.contrib import admin
from django.contrib.admin.models import ADDITION
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from commune.admin import enregistrer
from commune.regles import jour_de_paris
from facturation import regles

from .. import actions
from ..models import Facture, factures_a_revoir, reviser_factures
from ..models.corrections import AN

PAR_PAGE = 50


class CorrectionForm(forms.Form):
    """Le montant que la régie vient de relire."""

    vu = forms.DecimalField(max_digits=10, decimal_places=2, widget=forms.HiddenInput)

    def __init__(self, *args, facture, compte, maintenant, **options):
        super().__init__(*args, **options)
        self.facture, self.compte, self.maintenant = facture, compte, maintenant

    def save(self):
        return actions.corriger(self.facture, self.cleaned_data["vu"], self.compte, self.maintenant)


def liste(request):
    """Les factures de l'année qu'un quotient ou une excuse rendrait moins chères, les certificats venus trop tard."""
    refuser_sans_droit(request)
    depuis = regles.premier(jour_de_paris(timezone.now()) - AN)
    revues = factures_a_revoir(depuis)
    a_rendre = [(facture, revision) for facture, revision in revues if revision.rendre]
    page = Paginator(a_rendre, PAR_PAGE).get_page(request.GET.get("page"))
    tardives = [(facture, *tardive) for facture, revision in revues for tardive in revision.tardives]
    contexte = {"title": "Factures à corriger", "page": page, "depuis": depuis, "tardives": tardives}
    return rendre(request, "facturation/admin/corrections.html", contexte)


def corriger(request, pk):
    """Une facture, ligne à ligne : facturé, ce que ce serait aujourd'hui, et l'avoir que l'on propose."""
    refuser_sans_droit(request)
    facture = get_object_or_404(Facture.objects.select_related("famille"), pk=pk)
    ((_, revision),) = reviser_factures([facture])
    envoi = {"facture": facture, "compte": request.user, "maintenant": timezone.now()}
    form = CorrectionForm(request.POST if request.method == "POST" else None, **envoi)
    if enregistrer(request, form, lambda avoir: f"{avoir} émis : {regles.euros(avoir.montant)}.", acte=ADDITION):
        return redirect("admin:facturation_facture_change", facture.pk)
    contexte = {
        "title": f"{facture}, {facture.famille}", "facture": facture, "revision": revision, "form": form,
        # Une hausse de quotient se lit quand rien ne se rend ; à côté d'une absence excusée, elle fausserait le total.
        "lignes": [*revision.excusees, *(revision.ecarts if revision.du_quotient or not revision.excusees else [])],
        "avoirs": list(facture.avoirs.order_by("emis_le")),
    }  # fmt: skip
    return rendre(request, "facturation/admin/correction.html", contexte)


def refuser_sans_droit(request):
    if not request.user.has_perm("facturation.add_avoir"):
        raise PermissionDenied


def rendre(request, gabarit, contexte):
    return render(request, gabarit, {**admin.site.each_context(request), **contexte})
