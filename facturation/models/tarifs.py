"""Les tarifs : une grille de tranches, et ce qui la corrige."""

from decimal import Decimal

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, RangeBoundary
from django.core.validators import MaxValueValidator, MinValueValidator
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
        """Les tarifs valables au moins un jour de ``debut`` à ``fin`` compris ; un projet ne vaut jamais."""
        return self.filter(Q(fin=None) | Q(fin__gte=debut), debut__lte=fin, projet=False)

    def avec_grilles(self):
        return self.prefetch_related("tranches", "ajustements")


class Tarif(models.Model):
    """Le prix d'un genre d'activité, ou d'une activité précise, pendant une période (fin comprise).

    Le tarif d'une activité l'emporte sur celui de son genre. Un projet se lit, se compare, et ne facture rien.
    """

    class Mode(models.TextChoices):
        TRANCHES = "tranches", "par tranches de quotient (une seule : prix unique)"
        EFFORT = "effort", "taux d'effort : un prix par point de quotient"

    class Unite(models.TextChoices):
        ACTE = regles.ACTE, "chaque repas, chaque accueil"
        DUREE = regles.DUREE, "chaque période de temps"
        MOIS = regles.MOIS, "le mois entier (forfait)"
        ANNEE = regles.ANNEE, "l'année scolaire (forfait)"

    class Arrondi(models.TextChoices):
        COMMENCEE = regles.COMMENCEE, "toute période commencée est due"
        PROCHE = regles.PROCHE, "à la plus proche"
        ENTIERE = regles.ENTIERE, "seules les périodes entières sont dues (une au moins)"

    nom = models.CharField("nom", max_length=100)
    genre = models.CharField("genre d'activité", max_length=8, choices=Activite.Genre.choices)
    activite = models.ForeignKey(
        Activite, models.PROTECT, null=True, blank=True, related_name="tarifs", verbose_name="activité précise",
        help_text="Vide : toutes les activités du genre.",
    )
    debut = models.DateField("valable du")
    fin = models.DateField("au", null=True, blank=True)
    projet = models.BooleanField(
        "projet", default=False, help_text="Un projet se compare au tarif en vigueur ; il ne facture rien."
    )
    mode = models.CharField("le prix se calcule", max_length=8, choices=Mode.choices, default=Mode.TRANCHES)
    taux = models.DecimalField(
        "taux (€ par point de quotient)", max_digits=9, decimal_places=6, null=True, blank=True,
        validators=[MinValueValidator(Decimal(0))], help_text="Par exemple 0,0027.",
    )  # fmt: skip
    plancher = models.PositiveIntegerField("quotient plancher", default=0, help_text="En dessous, il compte pour lui.")
    plafond = models.PositiveIntegerField(
        "quotient plafond", null=True, blank=True, help_text="Au-dessus, ou sans quotient connu, il compte pour lui."
    )
    part_fixe = montant(
        "part fixe (€)", default=0, validators=[MinValueValidator(Decimal(0))],
        help_text="S'ajoute une fois par acte : le goûter.",
    )  # fmt: skip
    unite = models.CharField("pour", max_length=5, choices=Unite.choices, default=Unite.ACTE)
    minutes = models.PositiveSmallIntegerField(
        "période (minutes)", default=30, validators=[MinValueValidator(1)],
        help_text="Comptée sur les heures pointées, à défaut sur celles de l'activité.",
    )  # fmt: skip
    arrondi = models.CharField("arrondi", max_length=9, choices=Arrondi.choices, default=Arrondi.COMMENCEE)
    tolerance = models.PositiveSmallIntegerField(
        "tolérance au départ (minutes)", default=0, help_text="Avant qu'un départ après l'heure soit un retard."
    )
    part_garde = models.PositiveSmallIntegerField(
        "part de garde (%)", null=True, blank=True, validators=[MaxValueValidator(100)],
        help_text="Pour les attestations fiscales, hors repas. Vide : rien à midi, tout ailleurs.",
    )  # fmt: skip
    carence = models.PositiveSmallIntegerField(
        "jours de carence", default=0, validators=[MaxValueValidator(31)],
        help_text="Les premiers jours d'une absence excusée sans certificat qui se facturent. 0 : aucun ; 31 : tous.",
    )  # fmt: skip
    certificat = models.PositiveSmallIntegerField(
        "certificat sous (heures)", null=True, blank=True,
        help_text="Depuis le début de la séance ; reçu plus tard, la carence s'applique. Vide : sans délai.",
    )  # fmt: skip

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
                condition=Q(activite__isnull=False, projet=False),
                violation_error_message="Un autre tarif vaut déjà pour cette activité à ces dates.",
            ),
            *[
                ExclusionConstraint(
                    name=f"un_tarif_{genre}_par_jour",
                    expressions=[(PERIODE, "&&")],
                    condition=Q(activite=None, genre=genre, projet=False),
                    violation_error_message="Un autre tarif vaut déjà pour ce genre d'activité à ces dates.",
                )
                for genre in Activite.Genre.values
            ],
            models.CheckConstraint(
                name="tarif_effort_entier",
                condition=~Q(mode="effort")
                | Q(taux__isnull=False, plafond__isnull=False, taux__gte=0, plafond__gte=F("plancher")),
                violation_error_message=(
                    "Un taux d'effort se dit avec son taux et un plafond, qui n'est pas sous le plancher."
                ),
            ),
            models.CheckConstraint(
                name="tarif_bornes",
                condition=Q(part_fixe__gte=0, minutes__gte=1, carence__lte=31)
                & (Q(part_garde=None) | Q(part_garde__lte=100)),
                violation_error_message="Un tarif ne retire rien, et sa part de garde va de 0 à 100 %%.",
            ),
        ]

    def __str__(self):
        return self.nom

    def validate_constraints(self, exclude=None):
        """Sans activité ni genre lisibles (``exclude``), rien ne dit avec quel autre tarif il se croiserait."""
        exclude = set(exclude or ())
        super().validate_constraints(exclude | {"debut"} if exclude & {"activite", "genre", "projet"} else exclude)

    def grille(self):
        """Le tarif tel que ``regles.prix`` le lit."""
        paliers, effort = (), None
        if self.mode == self.Mode.EFFORT:
            effort = regles.Effort(self.taux, self.plancher, self.plafond, self.part_fixe)
        else:
            paliers = tuple(tranche.palier() for tranche in self.tranches.all())
        return regles.Grille(
            self.nom, paliers, tuple(ajustement.effet() for ajustement in self.ajustements.all()), effort, self.unite,
            self.minutes, self.arrondi, self.tolerance, self.garde, self.carence, self.certificat,
        )  # fmt: skip

    @property
    def garde(self):
        """La part de garde, en pour cent : un repas n'en est pas (article 200 quater B du code général des impôts)."""
        if self.part_garde is not None:
            return self.part_garde
        return 0 if self.genre == Activite.Genre.MIDI else 100

    def concerne(self, activite):
        """Vrai si ce tarif, en vigueur ou projet, est celui de cette ``Activite`` ou de son genre."""
        return self.activite_id == activite.pk if self.activite_id else self.genre == activite.genre


class Tranche(models.Model):
    """Un seuil de quotient et son prix. Un seul seuil par tranche : il ne peut pas rester de trou.

    La tranche sans seuil est la plus haute ; c'est aussi celle des familles sans quotient connu.
    """

    tarif = models.ForeignKey(Tarif, models.CASCADE, related_name="tranches", verbose_name="tarif")
    jusqu_a = models.PositiveIntegerField(
        "quotient jusqu'à", null=True, blank=True, help_text="Compris. Vide : au-delà."
    )
    prix = montant("prix", validators=[MinValueValidator(Decimal(0))])
    combine = montant(
        "matin et soir", null=True, blank=True, validators=[MinValueValidator(Decimal(0))],
        help_text="Le prix de cet accueil un jour où l'enfant a aussi l'autre. Vide : le même.",
    )  # fmt: skip

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
            models.CheckConstraint(
                name="tranche_combine_positif",
                condition=Q(combine=None) | Q(combine__gte=0),
                violation_error_message="Un prix « matin et soir » n'est jamais négatif.",
            ),
        ]

    def __str__(self):
        return f"jusqu'à {self.jusqu_a}" if self.jusqu_a is not None else "au-delà"

    def palier(self):
        return regles.Palier(self.jusqu_a, self.prix, self.combine)


class Ajustement(models.Model):
    """Ce qui change le prix d'une tranche, dans l'ordre dit par la mairie."""

    class Cas(models.TextChoices):
        HORS_COMMUNE = "hors_commune", "foyer hors commune"
        PANIER = "panier", "l'enfant apporte son repas (PAI)"
        FRATRIE = "fratrie", "à partir du n-ième enfant"
        HORS_DELAI = "hors_delai", "réservé hors délai"
        SANS_RESERVATION = "sans_reservation", "présent sans réservation"
        ABSENCE = "absence", "absent sans excuse acceptée"
        RETARD = regles.RETARD, "parti après l'heure"
        COMBINE = "combine", "matin et soir le même jour"
        MINIMUM = regles.MINIMUM, "prix minimum de l'acte"
        MAXIMUM = regles.MAXIMUM, "prix maximum de l'acte"

    class Mode(models.TextChoices):
        FIXE = "fixe", "prix fixe (€)"
        MONTANT = "montant", "ajouter (€)"
        POURCENTAGE = "pourcentage", "ajouter (%)"

    tarif = models.ForeignKey(Tarif, models.CASCADE, related_name="ajustements", verbose_name="tarif")
    cas = models.CharField("cas", max_length=16, choices=Cas.choices)
    rang = models.PositiveSmallIntegerField(
        "à partir de", null=True, blank=True, help_text="Du n-ième enfant, ou de la n-ième fois du mois (retard)."
    )
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
                condition=Q(cas="fratrie", rang__isnull=False, rang__gte=2)
                | (Q(cas="retard") & (Q(rang=None) | Q(rang__gte=1)))
                | (~Q(cas__in=["fratrie", "retard"]) & Q(rang=None)),
                violation_error_message=(
                    "Un ajustement de fratrie dit à partir de quel enfant (2 ou plus), un départ après l'heure à"
                    " partir de combien de fois, les autres non."
                ),
            ),
            models.CheckConstraint(
                name="borne_en_euros",
                condition=~Q(cas__in=["minimum", "maximum"]) | Q(mode="fixe", valeur__gte=0),
                violation_error_message="Un minimum ou un maximum est un prix fixe, en euros.",
            ),
        ]

    def __str__(self):
        return regles.dire_ajustement(self.effet())

    def effet(self):
        return regles.Effet(self.cas, self.mode, self.valeur, self.rang)
