"""Les codes comptables de la commune : un compte par activité et par moyen, et ce que demande le PES."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from commune.fichiers import chemin_prive
from facturation.regles.exports import Codes
from inscriptions.models import Activite

from ..reglements import Reglement

COMPTE = RegexValidator(r"^[0-9A-Za-z.\-]*$", "Un code n'a que des lettres, des chiffres, des points et des tirets.")


def code(nom, longueur=20, **options):
    return models.CharField(nom, max_length=longueur, validators=[COMPTE], **options)


class Comptabilite(models.Model):
    """Les codes de toute la commune : une seule ligne. Rien n'est deviné, le comptable public les donne."""

    tiers = code("compte de tiers", blank=True, help_text="Celui des redevables, que chaque facture débite.")
    budget = code("code du budget", blank=True)
    journal_ventes = code("journal des factures", 10, default="VT")
    journal_avoirs = code("journal des avoirs", 10, default="AV")
    journal_encaissements = code("journal des encaissements", 10, default="EN")

    pes_poste = code("poste comptable (IdPost)", 7, blank=True)
    pes_collectivite = code("collectivité (CodCol)", 3, blank=True)
    pes_budget = code("budget (CodBud)", 10, blank=True)
    pes_fichier = code("type de fichier (TypFic)", 32, default="PESALR2")
    pes_bordereau = code("type de bordereau (TypBord)", 2, default="01")
    pes_piece = code("type de pièce (TypPce)", 2, default="01")
    pes_nature_piece = code("nature de pièce (NatPce)", 2, default="01")
    pes_nature = code("nature (Nature)", 12, blank=True, help_text="Vide : le compte de produit de chaque activité.")
    pes_categorie = code("catégorie des redevables (CatTiers)", 2, blank=True)
    pes_juridique = code("nature juridique (NatJur)", 2, blank=True)
    pes_type_tiers = code("type de tiers (TypTiers)", 2, blank=True)
    pes_adresse = code("type d'adresse (TypAdr)", 2, blank=True)
    pes_residence = code("résidence (CodRes)", 2, blank=True)
    pes_schema = models.FileField(
        "schéma XSD", upload_to=chemin_prive, blank=True,
        help_text="Le fichier .xsd, ou le .zip des schémas, que publie la DGFiP. Sans lui, aucun PES n'est donné.",
    )  # fmt: skip

    class Meta:
        verbose_name = "codes comptables"
        verbose_name_plural = "codes comptables"
        default_permissions = ("view", "add", "change")
        constraints = [
            models.CheckConstraint(
                name="comptabilite_unique",
                condition=Q(pk=1),
                violation_error_message="Les codes comptables n'ont qu'une fiche : modifiez celle qui existe.",
            )
        ]

    def __str__(self):
        return "Codes comptables"

    def save(self, *args, **kwargs):
        self.pk = 1
        super().save(*args, **kwargs)


class Imputation(models.Model):
    """Où vont les recettes d'un genre d'activité, ou d'une activité précise, qui l'emporte."""

    comptabilite = models.ForeignKey(
        Comptabilite, models.CASCADE, default=1, related_name="imputations", editable=False
    )
    genre = models.CharField("genre d'activité", max_length=8, choices=Activite.Genre.choices)
    activite = models.ForeignKey(
        Activite, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="activité précise",
        help_text="Vide : toutes celles du genre.",
    )  # fmt: skip
    compte = code("compte de produit")
    analytique = code("code analytique", blank=True)
    produit_local = code("code produit (CodProdLoc, PES)", 4, blank=True)

    class Meta:
        verbose_name = "imputation"
        ordering = ["genre", "activite__nom", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="imputation_unique",
                fields=["genre", "activite"],
                nulls_distinct=False,
                violation_error_message="Ces activités ont déjà leur compte.",
            ),
            models.UniqueConstraint(
                name="imputation_une_par_activite",
                fields=["activite"],
                violation_error_message="Cette activité a déjà son compte.",
            ),
        ]

    def __str__(self):
        return f"{self.activite or self.get_genre_display()} : {self.compte}"

    def clean(self):
        if self.activite_id and self.activite.genre != self.genre:
            raise ValidationError({"activite": "Cette activité n'est pas de ce genre."}, code="genre")


class Tresorerie(models.Model):
    """Le compte que débite chaque moyen de paiement."""

    comptabilite = models.ForeignKey(
        Comptabilite, models.CASCADE, default=1, related_name="tresoreries", editable=False
    )
    moyen = models.CharField(
        "moyen", max_length=11, choices=Reglement.Moyen.choices, unique=True,
        error_messages={"unique": "Ce moyen a déjà son compte."},
    )
    compte = code("compte")

    class Meta:
        verbose_name = "compte de trésorerie"
        verbose_name_plural = "comptes de trésorerie"
        ordering = ["moyen"]

    def __str__(self):
        return f"{self.get_moyen_display()} : {self.compte}"


def codes_de(comptabilite, activites, budgets):
    """De quoi écrire, en valeurs que l'export copie (JSON) : deux requêtes.

    ``activites`` : ``{clé: genre}``. Une activité sans compte n'y est pas. ``budgets`` : ``{clé: code}``.
    """
    imputations = list(comptabilite.imputations.all()) if comptabilite.pk else []
    par_genre = {i.genre: i for i in imputations if i.activite_id is None}
    par_activite = {i.activite_id: i for i in imputations if i.activite_id}
    trouvees = {pk: par_activite.get(pk) or par_genre.get(genre) for pk, genre in activites.items()}
    return {
        "tiers": comptabilite.tiers, "budget": comptabilite.budget,
        "budgets": {str(pk): code for pk, code in budgets.items() if code},
        "journaux": [
            comptabilite.journal_ventes, comptabilite.journal_avoirs, comptabilite.journal_encaissements
        ],
        "tresorerie": dict(comptabilite.tresoreries.values_list("moyen", "compte")) if comptabilite.pk else {},
        "produits": {
            str(pk): [i.compte, i.analytique, i.produit_local] for pk, i in trouvees.items() if i
        },
    }  # fmt: skip


def lire_codes(reglages):
    """Les ``Codes`` copiés par un export."""
    copies = reglages["codes"]
    produits = {int(pk): (compte, analytique) for pk, (compte, analytique, _) in copies["produits"].items()}
    budgets = {int(pk): code for pk, code in copies.get("budgets", {}).items()}  # les exports d'avant n'en disent pas
    return Codes(copies["tiers"], copies["budget"], tuple(copies["journaux"]), copies["tresorerie"], produits, budgets)
