"""Les mandats de prélèvement : en imprimer un à signer, l'enregistrer avec son papier numérisé, le révoquer."""

import datetime as dt
from pathlib import Path

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from unfold.admin import ModelAdmin
from unfold.decorators import action

from commune.admin import chercher, enregistrer
from commune.contexte import courante
from commune.exports import ListeExportee
from commune.fichiers import servir
from commune.pdf import servir_pdf
from commune.regles import jour_de_paris
from familles.models import Famille

from .. import actions, imprimes
from ..forms import PapierForm
from ..models import Mandat, Regie, SignatureMandat
from ..models.reglements import iban_valide
from .caisse import TROUVES, foyers_trouves
from .exports.registres import MandatResource


class MandatForm(forms.ModelForm):
    class Meta:
        model = Mandat
        fields = ["famille", "titulaire", "iban", "signe_le", "rum"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "rum" in self.fields:
            self.fields["rum"].required = False
            self.fields["rum"].help_text = "Celle que porte le papier ; vide : tirée du numéro de la famille."

    def clean_iban(self):
        iban_valide(self.cleaned_data["iban"])
        return self.cleaned_data["iban"]

    def clean_rum(self):
        rum = self.cleaned_data["rum"].strip()
        if rum and Mandat.objects.filter(rum=rum).exists():
            raise ValidationError("Un autre mandat porte déjà cette référence.", code="rum")
        return rum

    def clean(self):
        valeurs = super().clean()
        plus_recents = Mandat.objects.actifs().filter(
            famille=valeurs.get("famille"), signe_le__gt=valeurs.get("signe_le") or dt.date.max
        )
        if plus_recents.exists():
            self.add_error("signe_le", "Le mandat en cours de cette famille fut signé après cette date.")
        return valeurs

    def _post_clean(self):
        # La validation du modèle refuserait un second mandat en cours ; l'action, elle, révoque le premier.
        pass


@admin.register(Mandat)
class MandatAdmin(ListeExportee, ModelAdmin):
    resource_classes = [MandatResource]
    form = MandatForm
    list_display = ["rum", "famille", "titulaire", "iban_masque", "signe_le", "revoque_le", "suspendu_le"]
    list_filter = [("revoque_le", admin.EmptyFieldListFilter)]
    list_select_related = ["famille"]
    search_fields = ["rum", "titulaire", "famille__cle"]
    search_help_text = "Famille, titulaire ou référence du mandat"
    autocomplete_fields = ["famille"]
    actions = None
    actions_list = ["a_signer"]
    actions_detail = ["joindre", "revoquer"]

    def get_search_results(self, request, queryset, search_term):
        trouves = chercher(queryset, search_term, "famille__cle", "famille__adultes__cle").values("pk")
        ici = Q(rum__icontains=search_term) | Q(titulaire__icontains=search_term)
        return queryset.filter(Q(pk__in=trouves) | ici), False

    def get_fields(self, request, obj=None):
        signe = ["signe_le", "rum", "preuve", "revoque_le", "suspendu_le"]
        masques = ["famille", "titulaire", "iban_masque", "banque_dite", "papier_dit", *signe]
        return masques if obj else ["famille", "titulaire", "iban", "signe_le", "rum"]

    @admin.display(description="preuve")
    def preuve(self, mandat):
        """Comment il fut signé : sur papier, ou sur le portail, par qui, quand, d'où, avec quel texte."""
        signature = SignatureMandat.objects.filter(mandat=mandat).select_related("compte").first()
        if not signature:
            return "signé sur papier : gardez l'original" + (", numérisé ci-dessus" if mandat.papier else "")
        quand = date_format(timezone.localtime(signature.signee_le), "j F Y à H:i:s")
        return (
            f"signé sur le portail le {quand} par {signature.compte}, code reçu à {signature.courriel}, "
            f"connexion {signature.adresse_ip or 'inconnue'}, texte n° {signature.version} : {signature.texte}"
        )

    @admin.display(description="papier signé")
    def papier_dit(self, mandat):
        if not mandat.papier:
            return "–"
        adresse = reverse("admin:facturation_mandat_papier", args=[mandat.pk])
        return format_html('<a href="{}" class="underline">Voir le papier numérisé</a>', adresse)

    @admin.display(description="IBAN")
    def iban_masque(self, mandat):
        return mandat.iban_masque

    @admin.display(description="banque")
    def banque_dite(self, mandat):
        return mandat.banque or "inconnue : relisez le RIB"

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request) and obj is None  # signé, il ne se retouche pas : il se révoque

    def has_joindre_permission(self, request, *args):
        return request.user.has_perm("facturation.change_mandat")

    def get_urls(self):
        vue = self.admin_site.admin_view
        return [
            path("<int:pk>/papier/", vue(self.papier), name="facturation_mandat_papier"),
            path("imprimer/<int:famille>/", vue(self.imprimer), name="facturation_mandat_imprimer"),
            *super().get_urls(),
        ]

    def papier(self, request, pk):
        """Le papier signé, numérisé ; qui l'a lu reste écrit : il porte l'IBAN entier."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        mandat = get_object_or_404(Mandat, pk=pk)
        if not mandat.papier:
            messages.info(request, "Aucun papier n'est joint à ce mandat.")
            return redirect("admin:facturation_mandat_change", pk)
        LogEntry.objects.log_actions(request.user.pk, [mandat], CHANGE, "Papier signé lu.", single_object=True)
        return servir(mandat.papier, f"mandat-{mandat.rum}{Path(mandat.papier.name).suffix}", voir=True)

    @action(description="Imprimer un mandat à signer", url_path="a-signer", permissions=["add"], icon="print")
    def a_signer(self, request):
        """Chercher la famille, puis imprimer son mandat, sa référence déjà prise."""
        terme = request.GET.get("q", "").strip()
        foyers = list(foyers_trouves(terme).prefetch_related("adultes", "enfants")[: TROUVES + 1]) if terme else []
        contexte = {
            "title": "Imprimer un mandat à signer", "terme": terme, "foyers": foyers[:TROUVES],
            "trop": len(foyers) > TROUVES, "manque": manque(), "retour": reverse("admin:facturation_mandat_changelist"),
        }  # fmt: skip
        gabarit = "facturation/admin/mandat_qui.html"
        return render(request, gabarit, {**self.admin_site.each_context(request), **contexte})

    def imprimer(self, request, famille):
        """Le mandat d'un foyer, à remplir et signer : le texte, le créancier, la référence."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        foyer, maintenant = get_object_or_404(Famille, pk=famille), timezone.now()
        retour = ("admin:facturation_mandat_a_signer",)
        try:
            rum = actions.reserver_rum(foyer, maintenant)
        except ValidationError as refus:
            messages.error(request, refus.message)
            return redirect(*retour)
        return servir_pdf(f"mandat-{rum}.pdf", imprimes.mandat(foyer, rum))

    @action(description="Joindre le papier signé", url_path="joindre", permissions=["joindre"], icon="attach_file")
    def joindre(self, request, object_id):
        """Le papier signé, numérisé ou photographié : l'examiner, le garder."""
        mandat = get_object_or_404(Mandat.objects.select_related("famille"), pk=object_id)
        fiche = reverse("admin:facturation_mandat_change", args=[mandat.pk])
        form = PapierForm(*((request.POST, request.FILES) if request.method == "POST" else ()), mandat=mandat)
        if enregistrer(request, form, lambda _: "Papier signé joint."):
            return redirect(fiche)
        contexte = {"title": f"Joindre le papier du mandat {mandat}", "mandat": mandat, "form": form, "retour": fiche}
        return render(
            request, "facturation/admin/mandat_papier.html", {**self.admin_site.each_context(request), **contexte}
        )

    def has_revoquer_permission(self, request, *args):
        return request.user.has_perm("facturation.change_mandat")

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        valeurs = form.cleaned_data
        signe = actions.signer_mandat(
            valeurs["famille"], valeurs["titulaire"], valeurs["iban"], valeurs["signe_le"], valeurs["rum"]
        )
        obj.pk, obj.rum = signe.pk, signe.rum

    @action(description="Révoquer ce mandat", url_path="revoquer", permissions=["revoquer"], icon="block")
    def revoquer(self, request, object_id):
        """Demande confirmation, puis révoque à la date du jour."""
        mandat = get_object_or_404(Mandat.objects.select_related("famille"), pk=object_id)
        fiche = reverse("admin:facturation_mandat_change", args=[mandat.pk])
        if request.method == "POST":
            actions.revoquer_mandat(mandat, jour_de_paris(timezone.now()))
            messages.success(request, f"Le mandat {mandat} est révoqué : la {mandat.famille} n'est plus prélevée.")
            return redirect(fiche)
        contexte = {"title": f"Révoquer le mandat {mandat}", "mandat": mandat, "retour": fiche}
        return render(
            request, "facturation/admin/revoquer.html", {**self.admin_site.each_context(request), **contexte}
        )


def manque():
    """Ce qu'il manque à la commune pour prélever, ou « »."""
    try:
        actions.verifier_reglages(courante(), Regie.courante())
    except ValidationError as refus:
        return refus.message
    return ""
