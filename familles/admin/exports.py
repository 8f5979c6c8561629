"""Ce qui sort en CSV ou en ODS. Aucun champ de santé : une fiche se lit, elle ne se télécharge pas par centaines."""

from import_export.fields import Field
from import_export.resources import ModelResource

from commune.exports import date, nombre, oui_non

from ..models import Adulte, Enfant, Famille, Quotient


class FamilleResource(ModelResource):
    numero = nombre("id", "Numéro de famille")
    nom = Field("nom", "Nom")
    adresse = Field("adresse", "Adresse")
    complement = Field("complement", "Complément")
    code_postal = Field("code_postal", "Code postal")
    ville = Field("ville", "Ville")
    hors_commune = oui_non("hors_commune", "Hors commune")
    statut = Field("get_statut_display", "Dossier")
    validee_le = date("validee_le", "Validé le")

    class Meta:
        model = Famille
        fields = [
            "numero", "nom", "adresse", "complement", "code_postal", "ville", "hors_commune", "statut", "validee_le"
        ]
        export_order = fields


class AdulteResource(ModelResource):
    famille = nombre("famille_id", "Numéro de famille")
    civilite = Field("get_civilite_display", "Civilité")
    nom = Field("nom", "Nom")
    prenom = Field("prenom", "Prénom")
    lien = Field("get_lien_display", "Lien")
    telephone = Field("telephone", "Téléphone")
    telephone_travail = Field("telephone_travail", "Téléphone au travail")
    courriel = Field("compte__email", "Courriel")
    responsable_legal = oui_non("responsable_legal", "Responsable légal")
    fin = date("fin", "Jusqu'au")

    class Meta:
        model = Adulte
        fields = [
            "famille", "civilite", "nom", "prenom", "lien", "telephone", "telephone_travail", "courriel",
            "responsable_legal", "fin",
        ]  # fmt: skip
        export_order = fields


class EnfantResource(ModelResource):
    numero = nombre("id", "Numéro d'enfant")
    nom = Field("nom", "Nom")
    prenom = Field("prenom", "Prénom")
    sexe = Field("get_sexe_display", "Sexe")
    naissance = date("date_naissance", "Date de naissance")
    ecole = Field("ecole__nom", "École")
    classe = Field("classe_dite", "Classe")
    familles = Field(column_name="Numéros de famille")

    class Meta:
        model = Enfant
        fields = ["numero", "nom", "prenom", "sexe", "naissance", "ecole", "classe", "familles"]
        export_order = fields

    def dehydrate_familles(self, enfant):
        return ", ".join(str(lien.famille_id) for lien in enfant.rattachements.all() if not lien.fin)


class QuotientResource(ModelResource):
    """L'historique : chaque quotient, sa preuve et ses jours."""

    famille = Field("famille__nom", "Famille")
    numero_famille = nombre("famille_id", "Numéro de famille")
    valeur = nombre("valeur", "Quotient familial")
    debut = date("debut", "Valable du")
    fin = date("fin", "Jusqu'au")
    preuve = Field("preuve", "Preuve")

    class Meta:
        model = Quotient
        fields = ["famille", "numero_famille", "valeur", "debut", "fin", "preuve"]
        export_order = fields
