"""Les séances : créées d'après le calendrier, changées pour un jour, annulées avec un motif."""

import datetime as dt
import re

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import action, display

from commune.exports import ListeExportee
from commune.models import AnneeScolaire
from commune.regles import jour_de_paris

from .. import regles
from ..actions import changer_places, ouvrir_seances, prevoir_seances, rouvrir
from ..forms import PlacesForm
from ..models import Reservation, Seance
from .attente import liste_d_attente
from .exports import SeanceResource


class QuandFilter(admin.SimpleListFilter):
    """Les séances à venir d'abord : ce sont celles que l'on change."""

    title = "quand"
    parameter_name = "quand"

    def lookups(self, request, model_admin):
        return [("passees", "passées"), ("toutes", "toutes")]

    def choices(self, changelist):
        premier, *autres = super().choices(changelist)
        return [premier | {"display": "à venir"}, *autres]

    def queryset(self, request, queryset):
        if self.value() == "toutes" or request.GET.get("jour_from") or request.GET.get("jour_to"):
            return queryset  # des dates demandées valent mieux que « à venir »
        aujourdhui = jour_de_paris(timezone.now())
        return (
            queryset.filter(jour__lt=aujourdhui) if self.value() == "passees" else queryset.filter(jour__gte=aujourdhui)
        )


@admin.register(Seance)
class SeanceAdmin(ListeExportee, ModelAdmin):
    list_display = ["le_jour", "nom", "site", "effectif", "attente", "a_lieu", "limites"]
    list_display_links = ["le_jour"]
    list_filter = [QuandFilter, ("jour", RangeDateFilter), "ouverte", "activite__site", "activite__genre"]
    list_filter_submit = True
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["activite__nom"]
    search_help_text = "Activité, site ou date (23/11 ou 23/11/2026)"
    actions = ["changer_places"]
    actions_list = ["creer", "declarer"]
    actions_detail = ["annuler_celle_ci"]
    resource_classes = [SeanceResource]
    fields = ["activite", "le_jour", "capacite", "effectif", "attente", "se_tient", "limites", "enfants"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("activite__site").avec_effectifs().avec_attente()

    def get_ordering(self, request):
        return ["-jour" if request.GET.get("quand") == "passees" else "jour", "activite__site", "activite__heure_debut"]

    def get_search_results(self, request, queryset, search_term):
        if request.path == reverse("admin:autocomplete"):
            queryset = queryset.filter(ouverte=True, jour__gte=jour_de_paris(timezone.now()) - dt.timedelta(days=31))
        for mot in search_term.split():
            jour = _date(mot, jour_de_paris(timezone.now()))
            queryset = queryset.filter(
                Q(jour=jour) if jour else Q(activite__nom__icontains=mot) | Q(activite__site__nom__icontains=mot)
            )
        return queryset, False

    # --- Ce que l'on en lit ------------------------------------------------------------------------------------------
    @admin.display(description="jour", ordering="jour")
    def le_jour(self, seance):
        return regles.date_dite(seance.jour, annee=True)

    @admin.display(description="activité", ordering="activite__nom")
    def nom(self, seance):
        return f"{seance.activite.nom} ({seance.activite.horaires})"

    @admin.display(description="site", ordering="activite__site")
    def site(self, seance):
        return seance.activite.site

    @admin.display(description="réservées", ordering="reservees")
    def effectif(self, seance):
        sur = f" / {seance.capacite}" if seance.capacite is not None else ""
        adresse = f"{reverse('admin:reservations_reservation_changelist')}?seance__id__exact={seance.pk}"
        habitude = seance.activite.capacite
        dite = "sans limite" if habitude is None else habitude
        a_part = "" if seance.capacite == habitude else f" ({dite} d'habitude)"
        return format_html('<a class="underline" href="{}">{}{}</a>{}', adresse, seance.reservees, sur, a_part)

    @admin.display(description="liste d'attente", ordering="en_attente")
    def attente(self, seance):
        dits = [f"{seance.en_attente} en attente"] if seance.en_attente else []
        if seance.proposees:
            dits.append(f"{seance.proposees} proposée{'s' if seance.proposees > 1 else ''}")
        if not dits and (seance.capacite is None or not seance.activite.liste_attente):
            return "–"
        adresse = reverse("admin:reservations_seance_attente", args=[seance.pk])
        return format_html('<a class="underline" href="{}">{}</a>', adresse, ", ".join(dits) or "personne")

    @display(description="a lieu", ordering="ouverte", label={"oui": "success", "non": "danger"})
    def a_lieu(self, seance):
        return ("oui", "oui") if seance.ouverte else ("non", f"non : {seance.motif}")

    @admin.display(description="a lieu")
    def se_tient(self, seance):
        return "oui" if seance.ouverte else f"non : {seance.motif}"

    @admin.display(description="limites")
    def limites(self, seance):
        maintenant = timezone.now()
        reserver = regles.phrase_limite(seance.limite_reservation, maintenant)
        annuler = regles.phrase_limite(seance.limite_annulation, maintenant)
        return reserver if reserver == annuler else f"réserver {reserver} ; annuler {annuler}"

    @admin.display(description="enfants attendus")
    def enfants(self, seance):
        attendus = Reservation.objects.reservees().filter(seance=seance).select_related("enfant").order_by(
            "enfant__nom", "enfant__prenom"
        )  # fmt: skip
        return ", ".join(str(r.enfant) for r in attendus) or "aucun"

    def get_readonly_fields(self, request, obj=None):
        return [champ for champ in self.fields if champ != "capacite"]

    def has_add_permission(self, request):
        return False  # une séance naît du calendrier : voir « Créer les séances de l'année »

    def has_delete_permission(self, request, obj=None):
        return False  # une séance s'annule ; ses réservations et ses factures la nomment encore

    def lookup_allowed(self, lookup, value, request=None):
        return lookup == "activite__id__exact" or super().lookup_allowed(lookup, value, request)

    # --- Créer -------------------------------------------------------------------------------------------------------
    def has_creer_permission(self, request):
        return request.user.has_perm("reservations.add_seance")

    @action(description="Créer les séances de l'année", url_path="creer", permissions=["creer"], icon="event_repeat")
    def creer(self, request):
        """Montre d'abord, année par année, ce qui serait créé ; le crée quand la mairie l'a lu."""
        maintenant = timezone.now()
        if request.method == "POST":
            annees = AnneeScolaire.objects.in_bulk()
            annee = next((a for pk, a in annees.items() if str(pk) == request.POST.get("annee")), None)
            if not annee:
                raise Http404
            try:
                faite = ouvrir_seances(annee, maintenant)
            except ValidationError as refus:
                messages.error(request, " ".join(refus.messages))
            else:
                messages.success(
                    request, f"{annee} : {faite.creees} séances créées, {faite.recalculees} limites recalculées, "
                    f"{faite.fermees} fermées."
                )  # fmt: skip
            return redirect("admin:reservations_seance_changelist")
        contexte = {
            **self._contexte(request, "Créer les séances de l'année"),
            "annees": [
                _apercu(annee, maintenant)
                for annee in AnneeScolaire.objects.filter(fin__gte=jour_de_paris(maintenant)).order_by("debut")
            ],
        }  # fmt: skip
        return render(request, "reservations/admin/creer_seances.html", contexte)

    # --- N'a pas lieu, a lieu, changer les places --------------------------------------------------------------------
    def get_urls(self):
        return [
            path("<int:pk>/annuler/", self.admin_site.admin_view(self.annuler_une), name="reservations_seance_annuler"),
            path("<int:pk>/attente/", self.admin_site.admin_view(self.liste), name="reservations_seance_attente"),
            *super().get_urls(),
        ]

    @action(description="Déclarer un événement", url_path="declarer", permissions=["change"], icon="event_busy")
    def declarer(self, request):
        return redirect("admin:reservations_evenement_add")

    @action(description="N'a pas lieu, ou a lieu", url_path="bascule", permissions=["change"], icon="event_busy")
    def annuler_celle_ci(self, request, object_id):
        return redirect("admin:reservations_seance_annuler", object_id)

    def annuler_une(self, request, pk):
        """Une séance se ferme et se rouvre par son événement ; celle que le calendrier a fermée se rouvre ici."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        seance = get_object_or_404(self.get_queryset(request), pk=pk)
        if seance.ouverte:
            jour, activite = seance.jour.isoformat(), seance.activite
            choix = {"du": jour, "au": jour, "sites": activite.site_id, "activites": activite.pk}
            return redirect(f"{reverse('admin:reservations_evenement_add')}?{urlencode(choix)}")
        if seance.evenement_id:
            return redirect("admin:reservations_evenement_change", seance.evenement_id)
        if request.method == "POST":
            try:
                rouvrir(seance)
            except ValidationError as refus:  # un événement vient de la fermer
                messages.error(request, " ".join(refus.messages))
            else:
                self._noter(request, [seance], "a lieu finalement")
                messages.success(request, "La séance a lieu finalement.")
            return redirect("admin:reservations_seance_change", pk)
        contexte = self._contexte(request, "Rouvrir une séance", seance=seance, jour=self.le_jour(seance))
        return render(request, "reservations/admin/rouvrir.html", contexte)

    @admin.action(description="Changer le nombre de places", permissions=["change"])
    def changer_places(self, request, queryset):
        form = PlacesForm(request.POST if "capacite" in request.POST else None)
        if form.is_valid():
            seances = list(queryset)
            changer_places(seances, form.cleaned_data["capacite"], timezone.now())
            places = form.cleaned_data["capacite"]
            self._noter(request, seances, f"places : {'sans limite' if places is None else places}")
            s = "s" if len(seances) > 1 else ""
            messages.success(request, f"{len(seances)} séance{s} changée{s}.")
            return None
        contexte = {
            **self._contexte(request, "Changer le nombre de places"),
            "form": form, "seances": list(queryset), "choix": request.POST.getlist("_selected_action"),
            "tous": request.POST.get("select_across") == "1",
            "retour": reverse("admin:reservations_seance_changelist"),
        }  # fmt: skip
        return render(request, "reservations/admin/places.html", contexte)

    def save_model(self, request, obj, form, change):
        """Les places sont le seul champ de la fiche : celles qui s'ajoutent passent à la liste d'attente."""
        changer_places([obj], obj.capacite, timezone.now())

    def liste(self, request, pk):
        return liste_d_attente(self, request, pk)

    def _contexte(self, request, titre, **contexte):
        return {**self.admin_site.each_context(request), "title": titre, "opts": self.opts, **contexte}

    def _noter(self, request, seances, texte):
        LogEntry.objects.log_actions(request.user.pk, seances, CHANGE, texte, single_object=True)


def _apercu(annee, maintenant):
    """Une année et ce qu'y ferait la création, ou pourquoi elle ne se peut pas."""
    try:
        return {"annee": annee, "prevu": prevoir_seances(annee, maintenant), "empeche": ""}
    except ValidationError as refus:
        return {"annee": annee, "prevu": None, "empeche": " ".join(refus.messages)}


def _date(mot, aujourdhui):
    """« 23/11 » ou « 23/11/2026 » ; ``None`` si ce n'est pas une date. Sans année, la plus proche d'aujourd'hui."""
    trouve = re.fullmatch(r"(\d{1,2})/(\d{1,2})(?:/(\d{4}))?", mot)
    if not trouve:
        return None
    jour, mois, an = trouve.groups()
    annees = [int(an)] if an else [aujourdhui.year - 1, aujourdhui.year, aujourdhui.year + 1]
    try:
        return min((dt.date(a, int(mois), int(jour)) for a in annees), key=lambda d: abs(d - aujourdhui))
    except ValueError:
        return None
