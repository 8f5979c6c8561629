"""Les délais vus de la mairie : la règle relue en français, simulée, et ce qu'elle touche avant qu'on l'enregistre."""

import hashlib

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from unfold.admin import ModelAdmin

from inscriptions.forms import AussiForm, DelaisFormSet
from inscriptions.models import Activite, RegleDelai, VersionReglement
from inscriptions.regles import ANNULER, RESERVER, phrase_delais

from ..actions import changer_delais, prevoir_delais, simuler


@admin.register(RegleDelai)
class RegleDelaiAdmin(ModelAdmin):
    """Une règle ne se saisit pas seule : on change celles d'une activité ensemble, sur une page qui dit leur effet."""

    def get_urls(self):
        vue = self.admin_site.admin_view
        changer = path("activites/<int:pk>/", vue(self.changer), name="inscriptions_regledelai_changer")
        return [changer, *super().get_urls()]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def changelist_view(self, request, extra_context=None):
        """Toutes les activités et leurs règles, en français."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        activites = Activite.objects.actives().select_related("site").prefetch_related("regles_delai")
        return render(request, "reservations/admin/delais.html", {
            **self._contexte(request, "Délais"), "peut_changer": self.has_change_permission(request),
            "activites": activites.order_by("site__ordre", "site__nom", "site", "ordre", "heure_debut", "nom"),
            "version": VersionReglement.objects.first(),
        })  # fmt: skip

    def changer(self, request, pk):
        """Saisir, simuler, voir qui est touché ; enregistrer seulement ce que l'on vient de lire."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        activite = get_object_or_404(Activite.objects.select_related("site").prefetch_related("regles_delai"), pk=pk)
        envoi, maintenant = request.POST or None, timezone.now()
        gestes = [DelaisFormSet(envoi, geste=geste, activite=activite) for geste in (RESERVER, ANNULER)]
        aussi = AussiForm(envoi, activite=activite)
        contexte = {"activite": activite, "gestes": gestes, "aussi": aussi}
        activites, delais, depuis = [activite], None, None
        # Chacun est lu, même si le premier se trompe : la page dit toutes les erreurs à la fois.
        valides = [form.is_valid() for form in (*gestes, aussi)]
        if envoi and all(valides):
            delais = [(form.geste, delai) for form in gestes for delai in form.delais]
            depuis = aussi.cleaned_data["depuis"]
            activites = [activite, *aussi.cleaned_data["aussi"]]
            vu = _empreinte(activites, delais)
            if "confirmer" in envoi and envoi.get("vu") == vu:
                return self._enregistrer(request, activites, delais, maintenant)
            contexte |= {
                "vu": vu, "effet": prevoir_delais(activites, delais, maintenant), "phrases": _phrases(delais),
                "change": _differe(activites, delais),
            }  # fmt: skip
        contexte |= {"activites": activites, "simulateurs": simuler(activites, delais, maintenant, depuis)}
        titre = f"Délais de {activite.nom}"
        return render(request, "reservations/admin/delais_activite.html", self._contexte(request, titre) | contexte)

    def _enregistrer(self, request, activites, delais, maintenant):
        try:
            effet = changer_delais(activites, delais, request.user, maintenant)
        except ValidationError as refus:
            messages.error(request, " ".join(refus.messages))
            return redirect(request.path)
        phrase = " ".join(_phrases(delais))
        LogEntry.objects.log_actions(request.user.pk, activites, CHANGE, f"délais : {phrase}"[:2000])
        paru = f" Le règlement paraît en version {effet.version.numero}." if effet.version else ""
        messages.success(request, f"{_nombre(effet.seances, 'séance')} à venir recalculées.{paru}")
        return redirect("admin:inscriptions_regledelai_changelist")

    def _contexte(self, request, titre):
        return {**self.admin_site.each_context(request), "title": titre, "opts": self.opts}


def _nombre(nombre, mot):
    return f"{nombre} {mot}{'s' if nombre > 1 else ''}"


def _phrases(delais):
    """Les règles saisies, relues ; la même fonction que le règlement des familles."""
    par_geste = [[delai for g, delai in delais if g == geste] for geste in (RESERVER, ANNULER)]
    return [phrase_delais(*par_geste)]


def _empreinte(activites, delais):
    """Ce que la mairie a lu : un champ changé depuis l'aperçu en demande un autre."""
    return hashlib.sha256(repr((sorted(a.pk for a in activites), delais)).encode()).hexdigest()[:24]


def _differe(activites, delais):
    return any([(g, d) for g in (RESERVER, ANNULER) for d in a.delais_pour(g)] != delais for a in activites)
