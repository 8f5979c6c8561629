"""Les comptes, le consentement et la fin de conservation, dans l'administration."""

from axes.utils import reset
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as GroupAdminDeDjango
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.utils import timezone
from import_export.fields import Field
from import_export.resources import ModelResource
from unfold.admin import ModelAdmin

from commune.admin import chercher
from commune.exports import ListeExportee, instant, nombre, oui_non

from . import actions, regles
from .models import Compte, Consentement, DemandeCompte, Effacement, TexteConsentement
from .views.requete import adresse_du_portail

admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(GroupAdminDeDjango, ModelAdmin):
    pass


class CompteForm(forms.ModelForm):
    def clean_email(self):
        return regles.adresse_normalisee(self.cleaned_data["email"])


class CompteResource(ModelResource):
    email = Field("email", "Courriel")
    nom = Field("nom", "Nom")
    prenom = Field("prenom", "Prénom")
    actif = oui_non("is_active", "Actif")
    mairie = oui_non("is_staff", "Travaille pour la commune")
    groupes = Field(column_name="Groupes")
    derniere = instant("last_login", "Dernière connexion")
    cree_le = instant("cree_le", "Créé le")
    texte = Field("texte_accepte__version", "Texte accepté")

    class Meta:
        name = "Comptes"

    def dehydrate_groupes(self, compte):
        return ", ".join(groupe.name for groupe in compte.groups.all())


@admin.register(Compte)
class CompteAdmin(ListeExportee, ModelAdmin):
    """Un compte se ferme, il ne s'efface pas : trop de lignes disent qui les a écrites."""

    form = CompteForm
    list_display = ["email", "nom", "prenom", "is_active", "is_staff", "last_login"]
    list_filter = ["is_staff", "is_active", "groups"]
    search_fields = ["cle"]
    filter_horizontal = ["groups"]
    readonly_fields = ["last_login", "cree_le", "texte_accepte"]
    actions = ["envoyer_le_lien", "debloquer"]
    resource_classes = [CompteResource]

    def get_fieldsets(self, request, obj=None):
        mairie = ["is_staff", "groups"] + (["is_superuser"] if request.user.is_superuser else [])
        fieldsets = [(None, {"fields": ["email", "prenom", "nom"]}), ("Mairie", {"fields": mairie})]
        if obj:
            suivi = ["is_active", "last_login", "cree_le", "texte_accepte"]
            fieldsets.append(("Suivi", {"fields": suivi}))
        return fieldsets

    def get_search_results(self, request, queryset, search_term):
        return chercher(queryset, search_term, "cle"), False

    def get_queryset(self, request):
        """Seul un administrateur du portail touche au compte d'un administrateur."""
        comptes = super().get_queryset(request)
        return comptes if request.user.is_superuser else comptes.filter(is_superuser=False)

    def get_export_queryset(self, request):
        return super().get_export_queryset(request).select_related("texte_accepte").prefetch_related("groups")

    def has_delete_permission(self, request, obj=None):
        return False

    def save_model(self, request, obj, form, change):
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if not change:
            actions.inviter(obj, adresse_du_portail(request))
            messages.info(request, f"Un courriel est parti à {obj.email}, avec le lien pour choisir son mot de passe.")

    @admin.action(description="Envoyer un lien pour choisir un mot de passe", permissions=["change"])
    def envoyer_le_lien(self, request, queryset):
        for compte in queryset:
            actions.envoyer_lien_mot_de_passe(compte.email, adresse_du_portail(request))
        messages.success(request, "Les comptes actifs choisis ont reçu leur lien.")

    @admin.action(description="Lever la pause après trop d'essais", permissions=["change"])
    def debloquer(self, request, queryset):
        for compte in queryset:
            reset(username=compte.email)
        messages.success(request, "La connexion est de nouveau possible pour les comptes choisis.")


@admin.register(DemandeCompte)
class DemandeCompteAdmin(ModelAdmin):
    """Des comptes demandés dont la boîte aux lettres n'a pas encore répondu ; effacées après trois jours."""

    list_display = ["email", "nom", "prenom", "telephone", "demandee_le", "utilisee_le"]
    search_fields = ["email", "nom"]
    exclude = ["empreinte"]
    actions = ["recommencer"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    @admin.action(description="Envoyer un nouveau lien", permissions=["delete"])
    def recommencer(self, request, queryset):
        champs = [c.name for c in DemandeCompte._meta.fields if c.name not in ("id", "empreinte")]
        champs = [c for c in champs if not c.endswith("_le")]
        for demande in queryset:
            valeurs = {champ: getattr(demande, champ) for champ in champs}
            actions.demander_compte(valeurs, adresse_du_portail(request), timezone.now())
        messages.success(request, "Un nouveau courriel est parti à chaque adresse choisie.")


class TexteForm(forms.ModelForm):
    def clean_publie_le(self):
        """Une version datée d'hier s'imposerait comme si les familles l'avaient déjà lue."""
        publie_le = self.cleaned_data["publie_le"]
        if publie_le < timezone.now() - timezone.timedelta(minutes=10):
            raise ValidationError("La publication ne peut pas être dans le passé.", code="passe")
        return publie_le


@admin.register(TexteConsentement)
class TexteConsentementAdmin(ModelAdmin):
    """Une version publiée ne se récrit pas : on part de la dernière pour en publier une nouvelle."""

    form = TexteForm
    list_display = ["version", "publie_le"]

    def _publie(self, obj):
        return obj is not None and obj.publie_le <= timezone.now()

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and not self._publie(obj)

    def has_delete_permission(self, request, obj=None):
        return obj is not None and super().has_delete_permission(request, obj) and not self._publie(obj)

    def get_changeform_initial_data(self, request):
        dernier = TexteConsentement.objects.first()
        return {"texte": dernier.texte if dernier else "", "publie_le": timezone.now()}

    def save_model(self, request, obj, form, change):
        actions.publier(obj)


class ConsentementResource(ModelResource):
    courriel = Field("compte__email", "Courriel")
    compte = Field("compte", "Compte")
    reponse = Field("get_reponse_display", "Réponse")
    texte = Field("texte__version", "Version du texte")
    repondu_le = instant("instant", "Le")
    adresse = Field("adresse_ip", "Adresse IP")

    class Meta:
        name = "Consentements"


@admin.register(Consentement)
class ConsentementAdmin(ListeExportee, ModelAdmin):
    resource_classes = [ConsentementResource]
    list_display = ["compte", "reponse", "texte", "instant", "adresse_ip"]
    list_filter = ["reponse", "texte"]
    list_select_related = ["compte", "texte"]
    search_fields = ["compte__cle"]
    date_hierarchy = "instant"

    def get_search_results(self, request, queryset, search_term):
        return chercher(queryset, search_term, "compte__cle"), False

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class EffacementFilter(admin.SimpleListFilter):
    title = "état"
    parameter_name = "etat"

    def lookups(self, request, model_admin):
        return [("a_venir", "prévenue"), ("faits", "effacée")]

    def queryset(self, request, queryset):
        return getattr(queryset, self.value())() if self.value() in ("a_venir", "faits") else queryset


class EffacementResource(ModelResource):
    numero = nombre("famille_id", "Numéro de famille")
    famille = Field("famille__nom", "Famille")
    prevenue_le = instant("prevenue_le", "Prévenue le")
    effacee_le = instant("effacee_le", "Effacée le")

    class Meta:
        name = "Fins de conservation"


@admin.register(Effacement)
class EffacementAdmin(ListeExportee, ModelAdmin):
    """Les familles prévenues que leur conservation finit, et celles qui sont effacées. Elle se lit seulement."""

    resource_classes = [EffacementResource]
    list_display = ["famille", "prevenue_le", "effacee_le"]
    list_filter = [EffacementFilter]
    list_select_related = ["famille"]
    date_hierarchy = "prevenue_le"
    search_fields = ["famille__cle"]

    def get_search_results(self, request, queryset, search_term):
        return chercher(queryset, search_term, "famille__cle"), False

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
