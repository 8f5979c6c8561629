"""La commune dans l'administration : sa fiche, ses écoles, ses années, ses jours fermés."""

import datetime as dt

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from import_export.fields import Field
from import_export.resources import ModelResource
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import action
from unfold.utils import parse_date_str
from unfold.widgets import UnfoldAdminColorInputWidget, UnfoldAdminImageFieldWidget, UnfoldAdminURLInputWidget

from . import regles
from .actions import (
    annee_suivante,
    creer_annee,
    preparer_calendrier,
    prevoir_calendrier,
    publier_le_reglement,
    recalculer_les_limites,
)
from .exports import ListeExportee, date, nombre, oui_non
from .fichiers import ACCEPTE_PHOTO, nettoyer_logo
from .forms import montrer, recevoir
from .models import AnneeScolaire, Commune, Ecole, JourFerme


def chercher(queryset, terme, *chemins):
    """Les lignes où chaque mot de ``terme`` se trouve dans l'une des colonnes ``cle``, sans accents ni casse.

    ``chemins`` mène à ces colonnes : ``"cle"``, ``"adultes__cle"``. À rendre par ``get_search_results`` :
    ``return chercher(queryset, search_term, "cle", "adultes__cle"), True`` (vrai : des doublons sont possibles).
    """
    for mot in regles.replier(terme).replace("\0", " ").split():  # aucune colonne ne garde un caractère nul
        trouve = Q()
        for chemin in chemins:
            trouve |= Q(**{f"{chemin}__contains": mot})
        queryset = queryset.filter(trouve)
    return queryset


class PeriodeFilter(RangeDateFilter):
    """D'un jour à un autre, les deux compris, pour un instant : heure de Paris. L'original perd le dernier jour."""

    def queryset(self, request, queryset):
        du, au = (parse_date_str(self.used_parameters.get(f"{self.field_path}_{bord}", "")) for bord in ("from", "to"))
        if du:
            queryset = queryset.filter(**{f"{self.field_path}__gte": regles.instant_de_paris(du, dt.time.min)})
        if au:
            fin = regles.instant_de_paris(au + regles.UN_JOUR, dt.time.min)
            queryset = queryset.filter(**{f"{self.field_path}__lt": fin})
        return queryset


def enregistrer(request, form, dire, objet=None, acte=CHANGE):
    """Ce que rend ``form.save()`` (ou ``objet``), noté au journal de l'administration et dit par ``dire(fait)``.

    Une liste s'y note objet par objet.
    ``None`` si le formulaire, ou l'action, refuse : la phrase du refus est alors dans le formulaire.
    """
    if not form.is_valid():
        return None
    try:
        fait = form.save()
    except ValidationError as refus:
        form.add_error(None, refus)
        return None
    phrase = dire(fait)
    faits = fait if isinstance(fait, list) and not objet else [objet or fait]
    LogEntry.objects.log_actions(request.user.pk, faits, acte, phrase, single_object=True)
    messages.success(request, phrase)
    return objet or fait


def adresse(nom):
    """Une adresse de site ; « www.ville.fr » devient https."""
    libelle = Commune._meta.get_field(nom).verbose_name.capitalize()
    return forms.URLField(label=libelle, required=False, assume_scheme="https", widget=UnfoldAdminURLInputWidget)


class CommuneForm(forms.ModelForm):
    site = adresse("site")
    tutoriels = adresse("tutoriels")
    logo = forms.FileField(
        label="Logo",
        required=False,
        help_text="PNG, JPEG ou WebP ; il sera réduit à 400 pixels.",
        widget=UnfoldAdminImageFieldWidget(attrs={"accept": ACCEPTE_PHOTO}),
    )

    class Meta:
        model = Commune
        fields = "__all__"  # noqa: DJ007 - la fiche se lit entière, les fieldsets la rangent
        widgets = {"accent": UnfoldAdminColorInputWidget}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        montrer(self, "logo", reverse("commune:logo"), "Le logo actuel")

    def clean_logo(self):
        return recevoir(self, "logo", nettoyer_logo)


@admin.register(Commune)
class CommuneAdmin(ModelAdmin):
    form = CommuneForm
    fieldsets = [
        ("Identité", {"fields": ["nom", "ville", ("code_postal", "code_insee"), "adresse", "siret"]}),
        ("Le service", {"fields": ["service", ("telephone", "courriel"), "courriel_donnees", "site", "tutoriels"]}),
        ("Ce que voient les familles", {"fields": ["logo", "accent", "mentions"]}),
        ("Règles", {"fields": ["zone", ("conservation", "conservation_sante")]}),
        ("Facturation", {"fields": ["ics", "voies_recours", ("bloquer_impayes", "impayes_jours")]}),
    ]

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if {"bloquer_impayes", "impayes_jours"} & set(form.changed_data):
            publier_le_reglement(request.user)
            messages.info(request, "Le règlement des réservations le dira dans une nouvelle version.")

    def has_add_permission(self, request):
        return super().has_add_permission(request) and not Commune.objects.exists()

    def has_delete_permission(self, request, obj=None):
        return False

    def changelist_view(self, request, extra_context=None):
        """Une seule ligne : la liste mène droit à la fiche."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        if not Commune.objects.exists():
            return redirect("admin:commune_commune_add")
        return redirect("admin:commune_commune_change", 1)


class EcoleResource(ModelResource):
    nom = Field("nom", "École ou site")
    niveau = Field("get_niveau_display", "Niveau")
    adresse = Field("adresse", "Adresse")
    telephone = Field("telephone", "Téléphone")
    ordre = nombre("ordre", "Ordre")
    active = oui_non("active", "Ouverte")

    class Meta:
        name = "Écoles"


@admin.register(Ecole)
class EcoleAdmin(ListeExportee, ModelAdmin):
    resource_classes = [EcoleResource]
    list_display = ["nom", "niveau", "adresse", "telephone", "ordre", "active"]
    list_filter = ["niveau", "active"]
    fieldsets = [(None, {"fields": ["nom", "niveau", "adresse", "telephone", "ordre", "active"]})]


class JourFermeResource(ModelResource):
    libelle = Field("libelle", "Jour fermé")
    motif = Field("get_motif_display", "Motif")
    debut = date("debut", "Du")
    fin = date("fin", "Au")
    qui = Field(column_name="École")

    class Meta:
        name = "Jours fermés"

    def dehydrate_qui(self, ferme):
        return str(ferme.ecole or "toute la commune")


@admin.register(JourFerme)
class JourFermeAdmin(ListeExportee, ModelAdmin):
    resource_classes = [JourFermeResource]
    list_display = ["libelle", "motif", "debut", "fin", "qui"]
    list_filter = ["motif", "ecole"]
    list_select_related = ["ecole"]
    date_hierarchy = "debut"
    ordering = ["-debut"]
    fieldsets = [(None, {"fields": ["libelle", "motif", ("debut", "fin"), "ecole"]})]

    @admin.display(description="école", ordering="ecole__nom")
    def qui(self, ferme):
        return ferme.ecole or "Toute la commune"

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if form.changed_data:
            suivre_le_calendrier(request)

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        suivre_le_calendrier(request)

    def delete_queryset(self, request, queryset):
        super().delete_queryset(request, queryset)
        suivre_le_calendrier(request)


def suivre_le_calendrier(request):
    """Les limites suivent le calendrier d'elles-mêmes ; fermer une séance, ou en créer une, se relit d'abord.

    À appeler quand un jour fermé, une année, les jours ou les heures d'une activité ont changé.
    """
    recalculer_les_limites()
    messages.info(request, format_html(
        "Les limites des séances à venir se recalculent. Les séances elles-mêmes ne s'ouvrent ni ne se ferment :"
        ' <a class="underline" href="{}">relisez ce qui changerait</a>.', reverse("admin:reservations_seance_creer"),
    ))  # fmt: skip


class AnneeScolaireForm(forms.ModelForm):
    class Meta:
        model = AnneeScolaire
        fields = ["nom", "debut", "fin", "ouverte", "calendrier_confirme"]

    def clean(self):
        """Un calendrier vide ne se confirme pas : ses séances tomberaient pendant les vacances."""
        dates = self.cleaned_data.get("debut"), self.cleaned_data.get("fin")
        vacances = JourFerme.objects.filter(motif=JourFerme.Motif.VACANCES)
        if self.cleaned_data.get("calendrier_confirme") and all(dates) and not vacances.entre(*dates).exists():
            raise ValidationError(
                "Ce calendrier n'a pas de vacances : préparez-le et relisez-le avant de le confirmer.",
                code="calendrier_vide",
            )


class AnneeScolaireResource(ModelResource):
    nom = Field("nom", "Année scolaire")
    debut = date("debut", "Premier jour")
    fin = date("fin", "Dernier jour")
    ouverte = oui_non("ouverte", "Ouverte aux inscriptions")
    confirme = oui_non("calendrier_confirme", "Calendrier confirmé")

    class Meta:
        name = "Années scolaires"


@admin.register(AnneeScolaire)
class AnneeScolaireAdmin(ListeExportee, ModelAdmin):
    resource_classes = [AnneeScolaireResource]
    form = AnneeScolaireForm
    list_display = ["nom", "debut", "fin", "ouverte", "calendrier_confirme"]
    readonly_fields = ["calendrier"]
    actions_list = ["preparer_suivante"]
    actions_detail = ["preparer"]
    fieldsets = [
        (None, {"fields": ["nom", ("debut", "fin"), "ouverte", "calendrier_confirme"]}),
        ("Le calendrier à relire", {"fields": ["calendrier"]}),
    ]

    class Media:
        css = {"all": ["commune/calendrier.css"]}

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if change and {"debut", "fin"} & set(form.changed_data):
            suivre_le_calendrier(request)

    @admin.display(description="Jours d'école et jours fermés")
    def calendrier(self, annee):
        if not annee.pk:
            return "Enregistrez d'abord l'année : son calendrier se prépare ensuite d'après la zone de la commune."
        fermetures = list(JourFerme.objects.entre(annee.debut, annee.fin).filter(ecole=None))
        return render_to_string(
            "commune/admin/calendrier.html",
            {
                "annee": annee,
                "fermetures": fermetures,
                "mois": _mois(annee, fermetures),
                "jours": len(regles.jours_ouverts(annee.debut, annee.fin, fermetures)),
                "semaines": len(regles.semaines_scolaires(annee.debut, annee.fin, fermetures)),
            },
        )

    @action(description="Préparer le calendrier", url_path="calendrier", permissions=["change"], icon="event")
    def preparer(self, request, object_id):
        """Montre d'abord ce qui serait ajouté ; l'ajoute quand la mairie l'a lu."""
        annee = get_object_or_404(AnneeScolaire, pk=object_id)
        fiche = reverse("admin:commune_anneescolaire_change", args=[annee.pk])
        if request.method == "POST":
            try:
                ajoutes = preparer_calendrier(annee)
            except ValidationError as refus:
                messages.error(request, refus.message)
            else:
                messages.success(
                    request, f"{len(ajoutes)} périodes ajoutées. Relisez le calendrier, puis confirmez-le."
                )
            return redirect(fiche)
        contexte = {"titre": f"Préparer le calendrier {annee}", "annee": annee, "retour": fiche}
        if not annee.calendrier_confirme:
            contexte["periodes"] = prevoir_calendrier(annee)
        return self._confirmer(request, contexte)

    @action(description="Préparer l'année suivante", url_path="suivante", permissions=["add"], icon="add")
    def preparer_suivante(self, request):
        rentree = annee_suivante(timezone.now())
        if request.method == "POST":
            try:
                annee = creer_annee(rentree)
            except ValidationError as refus:
                messages.error(request, " ".join(refus.messages))
                return redirect("admin:commune_anneescolaire_changelist")
            messages.success(
                request, f"L'année {annee} est prête à relire. Confirmez son calendrier pour ouvrir ses séances."
            )
            return redirect("admin:commune_anneescolaire_change", annee.pk)
        debut, fin = regles.annee_officielle((Commune.objects.first() or Commune(zone="A")).zone, rentree)
        nouvelle = AnneeScolaire(nom=f"{rentree}-{rentree + 1}", debut=debut, fin=fin)
        return self._confirmer(
            request,
            {
                "titre": f"Préparer l'année {nouvelle}",
                "annee": nouvelle,
                "periodes": prevoir_calendrier(nouvelle),
                "retour": reverse("admin:commune_anneescolaire_changelist"),
            },
        )

    def _confirmer(self, request, contexte):
        contexte = {**self.admin_site.each_context(request), "title": contexte["titre"], **contexte}
        return render(request, "commune/admin/preparer.html", contexte)


def _mois(annee, fermetures):
    """Les mois de l'année pour l'affichage : ``(premier du mois, [semaines de (jour ou None, fermeture)])``."""
    mois = {}
    for jour in regles.jours(annee.debut.replace(day=1), annee.fin):
        semaines = mois.setdefault(jour.replace(day=1), [])
        if not semaines or jour.weekday() == 0:
            semaines.append([(None, None)] * 7)
        hors = jour < annee.debut
        semaines[-1][jour.weekday()] = (jour, None if hors else regles.fermeture_du(jour, fermetures))
    return list(mois.items())
