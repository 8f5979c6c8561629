"""Ce qu'une activité demande : jusqu'à quand, avec quelle autre, et le règlement qui le dit."""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, RangeBoundary
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value

from commune.models import DateRange

from .. import regles
from .tables import JOURS, Activite

PERIODE = DateRange("debut", "fin", RangeBoundary(inclusive_upper=True))
# Sans l'extension btree_gist, l'égalité de deux activités s'écrit comme deux intervalles d'une seule valeur.
SEULE = Func("activite", "activite", Value("[]"), function="INT8RANGE", output_field=BigIntegerRangeField())


class RegleDelai(models.Model):
    """Jusqu'à quand on réserve, ou annule, les séances d'une période (dates de Paris, fin comprise).

    Là où aucune règle ne vaut, c'est celle de la maison : la veille à 23 h 59, refusé ensuite.
    """

    class Geste(models.TextChoices):
        RESERVER = regles.RESERVER, "réserver"
        ANNULER = regles.ANNULER, "annuler"

    class Forme(models.TextChoices):
        JOURS = regles.EN_JOURS, "jours avant"
        HEURES = regles.EN_HEURES, "heures avant le début"
        SEMAINE = regles.EN_SEMAINES, "un jour d'une semaine d'avant"

    class Decompte(models.TextChoices):
        CALENDAIRES = regles.CALENDAIRES, "jours du calendrier"
        HORS_WEEKEND = regles.HORS_WEEKEND, "sans les samedis ni les dimanches"
        OUVRES = regles.OUVRES, "jours ouvrés (du lundi au vendredi, sans les fériés)"
        OUVERTURE = regles.OUVERTURE, "jours d'ouverture du site"
        ACTIVITE = regles.ACTIVITE, "jours où l'activité a lieu"

    class Ensuite(models.TextChoices):
        REFUSE = regles.REFUSE, "refuser"
        SUPPLEMENT = regles.SUPPLEMENT, "accepter, au tarif hors délai"
        MAIRIE = regles.MAIRIE, "la mairie seule peut accepter"

    activite = models.ForeignKey(Activite, models.CASCADE, related_name="regles_delai", verbose_name="activité")
    geste = models.CharField("pour", max_length=8, choices=Geste.choices)
    debut = models.DateField("séances du", null=True, blank=True)
    fin = models.DateField("au", null=True, blank=True)
    forme = models.CharField("forme", max_length=7, choices=Forme.choices, default=Forme.JOURS)
    nombre = models.PositiveSmallIntegerField("nombre", default=1, validators=[MaxValueValidator(1440)])
    decompte = models.CharField("on compte", max_length=12, choices=Decompte.choices, default=Decompte.CALENDAIRES)
    jour_semaine = models.PositiveSmallIntegerField("jour de la semaine", choices=JOURS, null=True, blank=True)
    heure = models.TimeField(
        "à", default="23:59", help_text="Heure de Paris, minute comprise : à 23:59:59 on peut encore."
    )
    ensuite = models.CharField("ensuite", max_length=10, choices=Ensuite.choices, default=Ensuite.REFUSE)

    class Meta:
        verbose_name = "règle de délai"
        verbose_name_plural = "règles de délai"
        ordering = ["activite", "-geste", F("debut").asc(nulls_first=True)]
        constraints = [
            models.CheckConstraint(
                name="delai_dans_l_ordre",
                condition=Q(debut=None) | Q(fin=None) | Q(fin__gte=F("debut")),
                violation_error_message="Une règle ne peut pas finir avant de commencer.",
            ),
            models.CheckConstraint(
                name="delai_semaine_a_son_jour",
                condition=Q(forme="semaine", jour_semaine__range=(0, 6)) | (~Q(forme="semaine") & Q(jour_semaine=None)),
                violation_error_message="Dites quel jour de la semaine d'avant.",
            ),
            models.CheckConstraint(
                name="delai_mesure",
                condition=Q(forme="jours", nombre__lte=60)
                | Q(forme="heures", nombre__range=(1, 1440))
                | Q(forme="semaine", nombre__range=(1, 8)),
                violation_error_message="De 0 à 60 jours, de 1 à 1440 heures ou de 1 à 8 semaines.",
            ),
            models.CheckConstraint(
                name="delai_annuler_refuse_ensuite",
                condition=Q(geste="reserver") | Q(ensuite="refuse"),
                violation_error_message="On n'annule pas hors délai : l'absence s'excuse par écrit.",
            ),
            *[
                ExclusionConstraint(
                    name=f"un_delai_pour_{geste}_par_jour",
                    expressions=[(SEULE, "&&"), (PERIODE, "&&")],
                    condition=Q(geste=geste),
                    violation_error_message=f"Deux règles pour {mot} valent le même jour : séparez leurs dates.",
                )
                for geste, mot in (("reserver", "réserver"), ("annuler", "annuler"))
            ],
        ]

    def __str__(self):
        return f"{self.get_geste_display()} {regles.phrase_delai(self.delai)}"

    @property
    def delai(self):
        return regles.Delai(
            self.forme, self.nombre, self.decompte, self.jour_semaine, self.heure, self.ensuite, self.debut, self.fin
        )


class Condition(models.Model):
    """Une activité qui ne va qu'avec une autre le même jour, ou jamais avec elle."""

    class Sens(models.TextChoices):
        EXIGE = "exige", "ne se réserve qu'avec"
        EXCLUT = "exclut", "ne se réserve pas avec"

    activite = models.ForeignKey(Activite, models.CASCADE, related_name="conditions", verbose_name="activité")
    sens = models.CharField("le même jour", max_length=6, choices=Sens.choices, default=Sens.EXIGE)
    autre = models.ForeignKey(Activite, models.CASCADE, related_name="+", verbose_name="autre activité")

    class Meta:
        verbose_name = "condition"
        ordering = ["activite", "sens", "autre"]
        constraints = [
            models.UniqueConstraint(
                name="condition_unique",
                fields=["activite", "autre"],
                violation_error_message="Cette activité est déjà liée à celle-là : l'un ou l'autre, pas les deux.",
            ),
            models.CheckConstraint(
                name="condition_sur_une_autre",
                condition=~Q(activite=F("autre")),
                violation_error_message="Une activité ne dépend pas d'elle-même.",
            ),
        ]

    def __str__(self):
        return f"{self.activite.nom} {self.get_sens_display()} {self.autre.nom}"


class VersionReglement(models.Model):
    """Le règlement des réservations tel qu'il fut publié : une copie numérotée, que la base refuse de changer."""

    numero = models.PositiveIntegerField("version", unique=True)
    publiee_le = models.DateTimeField("publiée le")
    publiee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="publiée par"
    )
    texte = models.JSONField("texte")
    partout = models.JSONField("ce qui vaut partout", default=list)

    class Meta:
        verbose_name = "version du règlement"
        verbose_name_plural = "versions du règlement"
        ordering = ["-numero"]

    def __str__(self):
        return f"Règlement des réservations, version {self.numero}"

    def dit(self, texte, partout, jour):
        """Vrai si elle dit déjà cela, ce ``jour`` (date de Paris) : une règle finie depuis ne compte pas."""
        return self.partout == partout and regles.en_vigueur(self.texte, jour) == regles.en_vigueur(texte, jour)
