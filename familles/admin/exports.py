"""Ce qui sort en CSV ou en ODS. Aucun champ de santé : une fiche se lit, elle ne se télécharge pas par centaines."""

from import_export.fields import Field
from import_export.formats.base_formats import CSV, ODS
from import_export.resources import ModelResource

from commune.regles import desamorcer

from ..models import Adulte, Enfant, Famille


class CSVTableur(CSV):
    """Un CSV qu'Excel lit en UTF-8 : sans cette marque, « é » y devient « Ã© ». Aucun texte n'y est une formule."""

    def export_data(self, dataset, **kwargs):
        return "\ufeff" + super().export_data(dataset, **kwargs)

    def _escape_formulae(self, dataset):
        """Celui d'import-export ne connaît que « = » ; un tableur calcule aussi ce qui commence par +, - ou @."""
        for _ in range(len(dataset)):
            dataset.append([desamorcer(str(cellule)) for cellule in dataset.lpop()])

    def get_title(self):
        return "csv"


FORMATS = [CSVTableur, ODS]


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
    classe = Field("get_classe_display", "Classe")
    familles = Field(column_name="Familles")

    class Meta:
        model = Enfant
        fields = ["id", "nom", "prenom", "sexe", "date_naissance", "ecole", "classe", "familles"]
        export_order = fields

    def dehydrate_familles(self, enfant):
        return ", ".join(str(lien.famille_id) for lien in enfant.rattachements.all() if not lien.fin)
