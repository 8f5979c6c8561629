"""Ce qui sort en CSV ou en ODS. Aucun champ de santé : une fiche se lit, elle ne se télécharge pas par centaines."""

from import_export.fields import Field
from import_export.resources import ModelResource

from commune.exports import date, nombre

from ..models import Adulte, Enfant, Famille, Quotient


class FamilleResource(ModelResource):
    statut = Field("get_statut_display", "Dossier")

    class Meta:
        model = Famille
        fields = ["id", "nom", "adresse", "complement", "code_postal", "ville", "hors_commune", "statut", "validee_le"]
        export_order = fields


class AdulteResource(ModelResource):
    lien = Field("get_lien_display", "Lien")
    courriel = Field("compte__email", "Courriel")

    class Meta:
        model = Adulte
        fields = [
            "famille", "civilite", "nom", "prenom", "lien", "telephone", "telephone_travail", "courriel",
            "responsable_legal", "fin",
        ]  # fmt: skip
        export_order = fields


class EnfantResource(ModelResource):
    ecole = Field("ecole__nom", "École")
    classe = Field("classe_dite", "Classe")
    familles = Field(column_name="Familles")

    class Meta:
        model = Enfant
        fields = ["id", "nom", "prenom", "sexe", "date_naissance", "ecole", "classe", "familles"]
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
