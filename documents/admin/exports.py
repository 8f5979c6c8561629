"""Les colonnes des documents, quand on les exporte. Les fichiers eux-mêmes se prennent un par un."""

from import_export.fields import Field
from import_export.resources import ModelResource

from commune.exports import date, instant, nombre, oui_non


class PieceResource(ModelResource):
    type = Field("type__nom", "Document")
    numero = nombre("famille_id", "Numéro de famille")
    famille = Field("famille__nom", "Famille")
    enfant = Field("enfant", "Enfant")
    etat = Field("get_etat_display", "État")
    motif = Field("motif", "Motif")
    envoyee_le = instant("envoyee_le", "Envoyée le")
    decidee_le = instant("decidee_le", "Décidée le")
    expire_le = date("expire_le", "Expire le")

    class Meta:
        name = "Pièces envoyées"


class TypePieceResource(ModelResource):
    nom = Field("nom", "Document")
    portee = Field("get_portee_display", "Demandé")
    obligatoire = oui_non("obligatoire", "Obligatoire")
    condition = Field("get_condition_display", "Condition")
    validite = nombre("validite", "Validité (mois)")
    sante = oui_non("sante", "Données de santé")
    aide = Field("aide", "Aide")
    actif = oui_non("actif", "Demandé en ce moment")

    class Meta:
        name = "Pièces attendues"


class InformationResource(ModelResource):
    titre = Field("titre", "Information")
    texte = Field("texte", "Texte")
    publique = oui_non("publique", "Visible sans se connecter")
    publiee_le = date("publiee_le", "Publiée le")
    jusqu_au = date("jusqu_au", "Jusqu'au")

    class Meta:
        name = "Informations"
