"""Les réservations, les séances, les excuses et les événements en tableur.

La raison d'une excuse ne sort pas : elle parle souvent de santé, et se lit une à la fois.
"""

from import_export.fields import Field
from import_export.resources import ModelResource

from commune.exports import date, nombre, oui_non

from ..models import Evenement, Excuse, Reservation, Seance


class ReservationResource(ModelResource):
    jour = date("seance__jour", "Jour")
    activite = Field("seance__activite__nom", "Activité")
    site = Field("seance__activite__site__nom", "Site")
    nom = Field("enfant__nom", "Nom")
    prenom = Field("enfant__prenom", "Prénom")
    classe = Field("enfant__classe_dite", "Classe")
    famille = Field("famille__nom", "Famille")
    etat = Field("get_etat_display", "État")
    hors_delai = oui_non("hors_delai", "Hors délai")
    modifiee_le = date("modifiee_le", "Modifiée le")

    class Meta:
        model = Reservation
        fields = export_order = [
            "jour", "activite", "site", "nom", "prenom", "classe", "famille", "etat", "hors_delai", "modifiee_le",
        ]  # fmt: skip


class SeanceResource(ModelResource):
    """Lue ``avec_effectifs`` et ``avec_attente``, comme la liste."""

    jour = date("jour", "Jour")
    activite = Field("activite__nom", "Activité")
    horaires = Field("activite__horaires", "Horaires")
    site = Field("activite__site__nom", "Site")
    places = nombre("capacite", "Places")
    reservees = nombre("reservees", "Réservées")
    proposees = nombre("proposees", "Places proposées")
    en_attente = nombre("en_attente", "En attente")
    ouverte = oui_non("ouverte", "A lieu")
    motif = Field("motif", "Raison si non")

    class Meta:
        model = Seance
        fields = export_order = [
            "jour", "activite", "horaires", "site", "places", "reservees", "proposees", "en_attente", "ouverte",
            "motif",
        ]  # fmt: skip


class ExcuseResource(ModelResource):
    jour = date("reservation__seance__jour", "Jour")
    activite = Field("reservation__seance__activite__nom", "Activité")
    site = Field("reservation__seance__activite__site__nom", "Site")
    nom = Field("reservation__enfant__nom", "Nom")
    prenom = Field("reservation__enfant__prenom", "Prénom")
    classe = Field("reservation__enfant__classe_dite", "Classe")
    famille = Field("reservation__famille__nom", "Famille")
    envoyee_le = date("envoyee_le", "Envoyée le")
    certifie_le = date("certifie_le", "Justificatif reçu le")
    etat = Field("get_etat_display", "État")
    reponse = Field("reponse", "Réponse")
    decidee_le = date("decidee_le", "Décidée le")

    class Meta:
        model = Excuse
        fields = export_order = [
            "jour", "activite", "site", "nom", "prenom", "classe", "famille", "envoyee_le", "certifie_le", "etat",
            "reponse", "decidee_le",
        ]  # fmt: skip


class EvenementResource(ModelResource):
    nature = Field("get_nature_display", "Nature")
    libelle = Field("libelle", "Libellé")
    du = date("du", "Du")
    au = date("au", "Au")
    sites = Field(column_name="Écoles et sites")
    activites = Field(column_name="Activités")
    classes = Field(column_name="Classes")
    etat = Field("etat", "État")
    applique_le = date("applique_le", "Appliqué le")
    applique_par = Field("applique_par", "Par")
    leve_le = date("leve_le", "Levé le")
    leve_par = Field("leve_par", "Levé par")

    class Meta:
        model = Evenement
        fields = export_order = [
            "nature", "libelle", "du", "au", "sites", "activites", "classes", "etat", "applique_le", "applique_par",
            "leve_le", "leve_par",
        ]  # fmt: skip

    def dehydrate_sites(self, evenement):
        return ", ".join(site.nom for site in evenement.sites.all()) or "toute la commune"

    def dehydrate_activites(self, evenement):
        return ", ".join(f"{activite.nom} ({activite.site.nom})" for activite in evenement.activites.all()) or "toutes"

    def dehydrate_classes(self, evenement):
        return ", ".join(evenement.classes_dites) or "toutes"
