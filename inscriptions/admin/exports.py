"""Les inscriptions en tableur."""

from django.utils import timezone
from import_export.fields import Field
from import_export.resources import ModelResource

from commune.exports import date

from ..models import Inscription


class InscriptionResource(ModelResource):
    numero = Field("numero", "Numéro")
    nom = Field("enfant__nom", "Nom")
    prenom = Field("enfant__prenom", "Prénom")
    naissance = date("enfant__date_naissance", "Date de naissance")
    ecole = Field("enfant__ecole__nom", "École")
    classe = Field("enfant__classe_dite", "Classe")
    famille = Field("famille__nom", "Famille")
    activite = Field("activite__nom", "Activité")
    site = Field("activite__site__nom", "Site")
    annee = Field("annee__nom", "Année")
    etat = Field("get_etat_display", "État")
    debut = date("debut", "Du")
    fin = date("fin", "Au")
    demandee_le = Field(column_name="Demandée le")
    decidee_le = Field(column_name="Décidée le")
    motif = Field("motif", "Motif")

    class Meta:
        model = Inscription
        fields = [
            "numero", "nom", "prenom", "naissance", "ecole", "classe", "famille", "activite", "site", "annee", "etat",
            "debut", "fin", "demandee_le", "decidee_le", "motif",
        ]  # fmt: skip
        export_order = fields

    def dehydrate_demandee_le(self, inscription):
        return _instant(inscription.demandee_le)

    def dehydrate_decidee_le(self, inscription):
        return _instant(inscription.decidee_le)


def _instant(instant):
    """À l'heure de Paris, comme à l'écran."""
    return f"{timezone.localtime(instant):%d/%m/%Y %H:%M}" if instant else ""
