"""Les inscriptions en tableur."""

from import_export.fields import Field
from import_export.resources import ModelResource

from commune.exports import date, heure, instant, nombre, oui_non
from familles.models import Enfant

from .. import regles


class InscriptionResource(ModelResource):
    numero = Field("numero", "Numéro")
    nom = Field("enfant__nom", "Nom")
    prenom = Field("enfant__prenom", "Prénom")
    naissance = date("enfant__date_naissance", "Date de naissance")
    ecole = Field("enfant__ecole__nom", "École")
    classe = Field("enfant__classe_dite", "Classe")
    famille = Field("famille__nom", "Famille")
    numero_famille = nombre("famille_id", "Numéro de famille")
    activite = Field("activite__nom", "Activité")
    site = Field("activite__site__nom", "Site")
    annee = Field("annee__nom", "Année")
    etat = Field("get_etat_display", "État")
    debut = date("debut", "Du")
    fin = date("fin", "Au")
    demandee_le = instant("demandee_le", "Demandée le")
    decidee_le = instant("decidee_le", "Décidée le")
    motif = Field("motif", "Motif")

    class Meta:
        name = "Inscriptions"


class ActiviteResource(ModelResource):
    numero = nombre("pk", "Numéro d'activité")
    nom = Field("nom", "Activité")
    genre = Field("get_genre_display", "Genre")
    site = Field("site__nom", "Site")
    jours = Field("jours_dits", "Jours")
    debut = heure("heure_debut", "De")
    fin = heure("heure_fin", "À")
    repas = oui_non("avec_repas", "Comprend un repas")
    capacite = nombre("capacite", "Places par jour")
    place_liberee = Field("get_place_liberee_display", "Une place qui se libère")
    inscriptions_max = nombre("inscriptions_max", "Inscriptions au plus")
    inscrites = nombre("inscrites", "Inscrits")
    demandees = nombre("demandees", "Demandes à décider")
    ecoles = Field(column_name="Autres écoles accueillies")
    classes = Field(column_name="Classes accueillies")
    age_min = nombre("age_min", "Âge minimum")
    age_max = nombre("age_max", "Âge maximum")
    pieces = Field(column_name="Pièces exigées")
    automatique = oui_non("validation_automatique", "Acceptée sans la mairie")
    delais = Field("delais", "Délais")
    priorites = Field(column_name="Priorités, dans l'ordre")
    active = oui_non("active", "Proposée")

    class Meta:
        name = "Activités proposées"

    def dehydrate_ecoles(self, activite):
        return ", ".join(ecole.nom for ecole in activite.ecoles.all())

    def dehydrate_classes(self, activite):
        return ", ".join(label for classe, label in Enfant.Classe.choices if classe in activite.classes)

    def dehydrate_pieces(self, activite):
        return ", ".join(piece.nom for piece in activite.pieces.all())

    def dehydrate_priorites(self, activite):
        return ", ".join(regles.GROUPES[groupe] for groupe in activite.priorites)
