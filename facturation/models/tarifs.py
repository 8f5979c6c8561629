"""Les tarifs : une grille de tranches, et ce qui la corrige."""

from decimal import Decimal

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, RangeBoundary
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value

from commune.models import DateRange
from facturation import regles
from inscriptions.models import Activite


def montant(nom, **options):
    """Une colonne d'euros."""
    return models.DecimalField(nom, max_digits=10, decimal_places=2, **options)


PERIODE = DateRange("debut", "fin", RangeBoundary(inclusive_upper=True))
SEUL = Func("activite", "activite", Value("[]"), function="INT8RANGE", output_field=BigIntegerRangeField())


class TarifQuerySet(models.QuerySet):
    def au(self, debut, fin):
        """Les tarifs valables au moins un jour de ``debut`` à ``fin`` compris."""
        return self.filter(Q(fin=None) | Q(fin__gte=debut), debut__lte=fin)

    def avec_grilles(self):
        return self.prefetch_related("tranches", "ajustements")


class Tarif(models.Model):
    """Le prix d'un genre d'activité, ou d'une activité précise, pendant une période (fin comprise).

    Le tarif d'une activité l'emporte sur celui de son genre.
    """

    nom = models.CharField("nom", max_length=100)
    genre = models.CharField("genre d'activité", max_length=8, choices=Activite.Genre.choices)
    activite = models.ForeignKey(
        Activite, models.PROTECT, null=True, blank=True, related_name="tarifs", verbose_name="activité précise",
        help_text="Vide : toutes les activités du genre.",
    )
    debut = models.DateField("valable du")
    fin = models.DateField("au", null=True, blank=True)

    objects = TarifQuerySet.as_manager()

    class Meta:
        verbose_name = "tarif"
        ordering = ["genre", "-debut"]
        constraints = [
            models.CheckConstraint(
                name="tarif_dans_l_ordre",
                condition=Q(fin=None) | Q(fin__gte=F("debut")),
                violation_error_message="Le tarif ne peut pas finir avant de commencer.",
            ),
            # Sans l'extension btree_gist, l'égalité de deux activités s'écrit comme deux intervalles
            # d'une seule valeur qui se touchent ; celle de deux genres, comme une contrainte par genre.
            ExclusionConstraint(
                name="un_tarif_par_activite_et_jour",
                expressions=[(SEUL, "&&"), (PERIODE, "&&")],
                condition=Q(activite__isnull=False),
                violation_error_message="Un autre tarif vaut déjà pour cette activité à ces dates.",
            ),
            *[
                ExclusionConstraint(
                    name=f"un_tarif_{genre}_par_jour",
                    expressions=[(PERIODE, "&&")],
                    condition=Q(activite=None, genre=genre),
                    violation_error_message="Un autre tarif vaut déjà pour ce genre d'activité à ces dates.",
                )
                for genre in Activite.Genre.values
            ],
        ]

    def __str__(self):
        return self.nom

    def grille(self):
        """Le tarif tel que ``regles.prix`` le lit."""
        return regles.Grille(
            self.nom,
            tuple(regles.Palier(tranche.jusqu_a, tranche.prix) for tranche in self.tranches.all()),
            tuple(ajustement.effet() for ajustement in self.ajustements.all()),
        )


class Tranche(models.Model):
    """Un seuil de quotient et son prix. Un seul seuil par tranche : il ne peut pas rester de trou.

    La tranche sans seuil est la plus haute ; c'est aussi celle des familles sans quotient connu.
    """

    tarif = models.ForeignKey(Tarif, models.CASCADE, related_name="tranches", verbose_name="tarif")
    jusqu_a = models.PositiveIntegerField(
        "quotient jusqu'à", null=True, blank=True, help_text="Compris. Vide : au-delà."
    )
    prix = montant("prix", validators=[MinValueValidator(Decimal(0))])

    class Meta:
        verbose_name = "tranche"
        ordering = [F("jusqu_a").asc(nulls_last=True)]
        constraints = [
            models.UniqueConstraint(
                name="tranche_unique",
                fields=["tarif", "jusqu_a"],
                nulls_distinct=False,
                violation_error_message="Ce tarif a déjà une tranche à ce seuil.",
            ),
            models.CheckConstraint(
                name="tranche_positive",
                condition=Q(prix__gte=0),
                violation_error_message="Un prix n'est jamais négatif.",
            ),
        ]

    def __str__(self):
        return f"jusqu'à {self.jusqu_a}" if self.jusqu_a is not None else "au-delà"


class Ajustement(models.Model):
    """Ce qui change le prix d'une tranche, dans l'ordre dit par la mairie."""

    class Cas(models.TextChoices):
        HORS_COMMUNE = "hors_commune", "foyer hors commune"
        PANIER = "panier", "l'enfant apporte son repas (PAI)"
        FRATRIE = "fratrie", "à partir du n-ième enfant"
        HORS_DELAI = "hors_delai", "réservé hors délai"
        SANS_RESERVATION = "sans_reservation", "présent sans réservation"
        ABSENCE = "absence", "absent sans excuse acceptée"

    class Mode(models.TextChoices):
        FIXE = "fixe", "prix fixe (€)"
        MONTANT = "montant", "ajouter (€)"
        POURCENTAGE = "pourcentage", "ajouter (%)"

    tarif = models.ForeignKey(Tarif, models.CASCADE, related_name="ajustements", verbose_name="tarif")
    cas = models.CharField("cas", max_length=16, choices=Cas.choices)
    rang = models.PositiveSmallIntegerField("rang dans la fratrie", null=True, blank=True)
    mode = models.CharField("effet", max_length=11, choices=Mode.choices)
    valeur = montant("valeur", help_text="Négative pour une remise.")
    ordre = models.PositiveSmallIntegerField("ordre", default=0)

    class Meta:
        verbose_name = "ajustement"
        ordering = ["ordre", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="ajustement_unique",
                fields=["tarif", "cas", "rang"],
                nulls_distinct=False,
                violation_error_message="Ce cas est déjà prévu par le tarif.",
            ),
            models.CheckConstraint(
                name="fratrie_avec_rang",
                # Sans « rang non nul », un rang absent rendrait la condition inconnue, donc admise.
                condition=Q(cas="fratrie", rang__isnull=False, rang__gte=2) | (~Q(cas="fratrie") & Q(rang=None)),
                violation_error_message=(
                    "Un ajustement de fratrie dit à partir de quel enfant (2 ou plus), les autres non."
                ),
            ),
        ]

    def __str__(self):
        return regles.dire_ajustement(self.effet())

    def effet(self):
        return regles.Effet(self.cas, self.mode, self.valeur, self.rang)
