"""La garde partagée : ce que dit le jugement, les échanges de jours, et chez qui un enfant est chaque jour."""

from collections import defaultdict
from functools import lru_cache

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, RangeBoundary
from django.core.validators import MaxValueValidator
from django.db import connection, models
from django.db.models import F, Func, Q, Value

from commune.models import DateRange, JourFerme
from commune.regles import JOURS

from ..regles import garde as regles
from .enfant import Enfant
from .foyer import Famille


def seul(champ):
    """Un intervalle d'une seule valeur : deux clés égales se touchent, sans l'extension btree_gist."""
    return Func(F(champ), F(champ), Value("[]"), function="int8range", output_field=BigIntegerRangeField())


PERIODE = DateRange("debut", "fin", RangeBoundary(inclusive_lower=True, inclusive_upper=True))


class GardeQuerySet(models.QuerySet):
    def au(self, jour):
        """Celles qui valent à cette date de Paris."""
        return self.filter(Q(fin=None) | Q(fin__gte=jour), debut__lte=jour)

    def a_venir(self, jour):
        """Celles qui valent ce jour-là ou plus tard."""
        return self.filter(Q(fin=None) | Q(fin__gte=jour))


class Garde(models.Model):
    """Comment deux foyers se partagent un enfant, du jour ``debut`` au jour ``fin`` compris (dates de Paris).

    Une ligne dit les deux côtés : les parts ne peuvent pas se contredire. ``semaines`` et ``vacances`` disent celle
    de ``foyer`` (voir ``familles.regles.garde``). Sans ligne, chacun des deux foyers réserve comme il veut.
    """

    class Semaines(models.TextChoices):
        PAIRES = regles.PAIRES, "les semaines paires"
        IMPAIRES = regles.IMPAIRES, "les semaines impaires"
        TOUTES = regles.TOUTES, "toutes les semaines (l'autre n'a que des vacances)"
        CALENDRIER = regles.CALENDRIER, "tous les jours, sauf ceux d'un calendrier"

    class Vacances(models.TextChoices):
        COMME = regles.COMME, "comme les semaines"
        PREMIERE_PAIRES = regles.PREMIERE_PAIRES, "la première moitié les années paires, la seconde les impaires"
        PREMIERE_IMPAIRES = regles.PREMIERE_IMPAIRES, "la première moitié les années impaires, la seconde les paires"
        PREMIERE = regles.PREMIERE, "toujours la première moitié"
        SECONDE = regles.SECONDE, "toujours la seconde moitié"
        ENTIERES = regles.ENTIERES, "en entier"
        AUCUNES = regles.AUCUNES, "jamais"

    enfant = models.ForeignKey(Enfant, models.PROTECT, related_name="gardes", verbose_name="enfant")
    foyer = models.ForeignKey(Famille, models.PROTECT, related_name="+", verbose_name="foyer")
    autre = models.ForeignKey(Famille, models.PROTECT, related_name="+", verbose_name="autre foyer")
    semaines = models.CharField("semaines", max_length=10, choices=Semaines.choices, default=Semaines.PAIRES)
    bascule = models.PositiveSmallIntegerField(
        "on change le", choices=list(enumerate(JOURS)), default=0, validators=[MaxValueValidator(6)]
    )
    vacances = models.CharField("vacances", max_length=17, choices=Vacances.choices, default=Vacances.COMME)
    debut = models.DateField("à partir du")
    fin = models.DateField("jusqu'au", null=True, blank=True)
    acte = models.CharField("acte", max_length=150, help_text="Par exemple « jugement du 12/03/2026, RG 26/00123 ».")
    dite_le = models.DateTimeField("saisie le")
    dite_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="saisie par"
    )

    objects = GardeQuerySet.as_manager()

    class Meta:
        verbose_name = "garde"
        ordering = ["enfant", "-debut"]
        constraints = [
            models.CheckConstraint(
                name="garde_deux_foyers",
                condition=~Q(foyer=F("autre")),
                violation_error_message="Une garde se partage entre deux foyers différents.",
            ),
            models.CheckConstraint(
                name="garde_dans_l_ordre",
                condition=Q(fin=None) | Q(fin__gte=F("debut")),
                violation_error_message="La garde finit avant d'avoir commencé.",
            ),
            models.CheckConstraint(
                name="garde_bascule_un_jour",
                condition=Q(bascule__lte=6),
                violation_error_message="On change de foyer un jour de la semaine.",
            ),
            ExclusionConstraint(
                name="une_garde_par_enfant_et_jour",
                expressions=[(seul("enfant"), "&&"), (PERIODE, "&&")],
                violation_error_message="Une autre garde vaut déjà pour cet enfant à ces dates.",
            ),
        ]

    def __str__(self):
        return f"Garde de {self.enfant} à partir du {self.debut:%d/%m/%Y}"

    @property
    def partage(self):
        """Les mêmes mots, pour les règles."""
        periodes = tuple((p.debut, p.fin) for p in self.periodes.all())
        return regles.Partage(
            self.foyer_id, self.autre_id, self.semaines, self.bascule, self.vacances,
            periodes if self.semaines == self.Semaines.CALENDRIER else (),
        )  # fmt: skip


class PeriodeDeGarde(models.Model):
    """Des jours d'un calendrier propre : ceux que l'enfant passe à l'autre foyer, du premier au dernier compris."""

    garde = models.ForeignKey(Garde, models.CASCADE, related_name="periodes", verbose_name="garde")
    debut = models.DateField("du")
    fin = models.DateField("au")

    class Meta:
        verbose_name = "période de garde"
        verbose_name_plural = "périodes de garde"
        ordering = ["debut"]
        constraints = [
            models.CheckConstraint(
                name="periode_de_garde_dans_l_ordre",
                condition=Q(fin__gte=F("debut")),
                violation_error_message="La fin vient avant le début.",
            ),
            ExclusionConstraint(
                name="periodes_de_garde_sans_chevauchement",
                expressions=[(seul("garde"), "&&"), (PERIODE, "&&")],
                violation_error_message="Deux périodes ont des jours en commun.",
            ),
        ]

    def __str__(self):
        return regles.jours_dits(self.debut, self.fin)


class EchangeQuerySet(models.QuerySet):
    def du_compte(self, compte):
        """Ceux de ce parent, dans un sens ou dans l'autre, tant que l'enfant est toujours à son foyer."""
        foyers = Famille.objects.du_compte(compte).values("pk")
        return self.filter(Q(de__in=foyers) | Q(vers__in=foyers), enfant__in=Enfant.objects.du_compte(compte))

    def qui_attendent(self, jour):
        """Proposés, et dont le premier jour n'est pas venu (date de Paris)."""
        return self.filter(Q(retour_du=None) | Q(retour_du__gt=jour), etat=Echange.Etat.PROPOSE, du__gt=jour)

    def a_repondre(self, famille, jour):
        """Ceux que l'autre foyer propose à cette famille (ou à cette clé)."""
        return self.qui_attendent(jour).filter(Q(de=famille) | Q(vers=famille)).exclude(demandeur=famille)


class Echange(models.Model):
    """Des jours qu'un parent propose à l'autre : de ``du`` à ``au`` compris, l'enfant va du foyer ``de`` au ``vers``.

    Les jours ``retour_du`` à ``retour_au``, s'il y en a, vont dans l'autre sens. Sans un mot d'explication : on n'y
    écrit rien à l'autre parent. Proposé et resté sans réponse à son premier jour, il est expiré, sans qu'on l'écrive.
    """

    class Etat(models.TextChoices):
        PROPOSE = "propose", "proposé"
        ACCEPTE = "accepte", "accepté"
        REFUSE = "refuse", "refusé"
        RETIRE = "retire", "retiré"

    enfant = models.ForeignKey(Enfant, models.PROTECT, related_name="echanges", verbose_name="enfant")
    de = models.ForeignKey(Famille, models.PROTECT, related_name="+", verbose_name="du foyer")
    vers = models.ForeignKey(Famille, models.PROTECT, related_name="+", verbose_name="au foyer")
    du = models.DateField("du")
    au = models.DateField("au")
    retour_du = models.DateField("en retour, du", null=True, blank=True)
    retour_au = models.DateField("en retour, au", null=True, blank=True)
    etat = models.CharField("état", max_length=8, choices=Etat.choices, default=Etat.PROPOSE)
    demandeur = models.ForeignKey(Famille, models.PROTECT, related_name="+", verbose_name="foyer qui propose")
    propose_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="proposé par"
    )
    propose_le = models.DateTimeField("proposé le")
    repondu_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="répondu par"
    )
    repondu_le = models.DateTimeField("répondu le", null=True, blank=True)

    objects = EchangeQuerySet.as_manager()

    class Meta:
        verbose_name = "échange de jours"
        verbose_name_plural = "échanges de jours"
        ordering = ["-propose_le", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="echange_deux_foyers",
                condition=~Q(de=F("vers")),
                violation_error_message="Un échange va d'un foyer à l'autre.",
            ),
            models.CheckConstraint(
                name="echange_propose_par_un_des_deux",
                condition=Q(demandeur=F("de")) | Q(demandeur=F("vers")),
                violation_error_message="Un échange est proposé par l'un des deux foyers.",
            ),
            models.CheckConstraint(
                name="echange_dans_l_ordre",
                condition=Q(au__gte=F("du"))
                & (
                    Q(retour_du=None, retour_au=None)
                    | Q(retour_du__isnull=False, retour_au__isnull=False, retour_au__gte=F("retour_du"))
                ),
                violation_error_message="La fin vient avant le début.",
            ),
            models.CheckConstraint(
                name="echange_repondu_date",
                condition=Q(etat="propose", repondu_le=None)
                | Q(etat__in=["accepte", "refuse", "retire"], repondu_le__isnull=False),
                violation_error_message="Une réponse porte sa date.",
            ),
        ]

    def __str__(self):
        return f"{self.enfant}, {regles.jours_dits(self.du, self.au)}"

    @property
    def sens(self):
        """Les ``(du, au, de, vers)`` de cet échange : l'aller, et le retour s'il y en a un."""
        aller = [(self.du, self.au, self.de_id, self.vers_id)]
        return aller + ([(self.retour_du, self.retour_au, self.vers_id, self.de_id)] if self.retour_du else [])

    @property
    def repondant(self):
        """La clé du foyer qui doit répondre."""
        return self.vers_id if self.demandeur_id == self.de_id else self.de_id

    @property
    def premier_jour(self):
        return min(self.du, self.retour_du or self.du)

    def attend(self, jour):
        """Il peut encore être accepté, refusé ou retiré à cette date de Paris."""
        return self.etat == self.Etat.PROPOSE and jour < self.premier_jour


# À la main, comme les séances : la page du planning paie cette question pour chaque famille. La garde cesse le jour où
# l'enfant quitte l'un des deux foyers : celui qui reste réserve tous les jours.
GARDES = """
SELECT g.enfant_id, e.ecole_id, g.debut, LEAST(
         g.fin,
         COALESCE((SELECT max(COALESCE(r.fin, 'infinity'::date)) FROM familles_rattachement r
                    WHERE r.enfant_id = g.enfant_id AND r.famille_id = g.foyer_id), g.debut - 1),
         COALESCE((SELECT max(COALESCE(r.fin, 'infinity'::date)) FROM familles_rattachement r
                    WHERE r.enfant_id = g.enfant_id AND r.famille_id = g.autre_id), g.debut - 1),
         %(fin)s),
       g.foyer_id, g.autre_id, g.semaines, g.bascule, g.vacances,
       ARRAY(SELECT p.debut FROM familles_periodedegarde p WHERE p.garde_id = g.id ORDER BY p.debut),
       ARRAY(SELECT p.fin FROM familles_periodedegarde p WHERE p.garde_id = g.id ORDER BY p.debut)
  FROM familles_garde g
  JOIN familles_enfant e ON e.id = g.enfant_id
 WHERE g.enfant_id = ANY(%(enfants)s) AND g.debut <= %(fin)s AND (g.fin IS NULL OR g.fin >= %(debut)s)
"""
ACCEPTES = """
SELECT x.enfant_id, x.du, x.au, x.vers_id, x.retour_du, x.retour_au, x.de_id
  FROM familles_echange x
 WHERE x.etat = 'accepte' AND x.enfant_id = ANY(%(enfants)s)
   AND ((x.du <= %(fin)s AND x.au >= %(debut)s) OR (x.retour_du <= %(fin)s AND x.retour_au >= %(debut)s))
 ORDER BY x.repondu_le, x.id
"""


def garde_des(enfants, debut, fin, fermetures=None):
    """Chez qui sont ces ``enfants`` (objets ou clés), de ``debut`` à ``fin`` compris (dates de Paris).

    Une requête si aucun n'a de garde partagée, trois au plus. ``fermetures``, si on les a déjà lues, sont les
    ``JourFerme`` de la période.
    """
    cles = [getattr(enfant, "pk", enfant) for enfant in enfants]
    if not cles or debut is None:
        return Gardes()
    places = {"enfants": cles, "debut": debut, "fin": fin}
    with connection.cursor() as curseur:
        curseur.execute(GARDES, places)
        lignes = curseur.fetchall()
        if not lignes:
            return Gardes()
        curseur.execute(ACCEPTES, places)
        acceptes = curseur.fetchall()
    if fermetures is None and any(ligne[8] != regles.COMME for ligne in lignes):
        fermetures = JourFerme.objects.entre(debut, fin).order_by("debut", "pk")
    return Gardes(lignes, acceptes, fermetures or ())


class Gardes:
    """Chez qui sont des enfants, jour après jour ; un enfant sans garde dite est à ses deux foyers."""

    def __init__(self, lignes=(), acceptes=(), fermetures=()):
        self._gardes, self._deplacements = defaultdict(list), defaultdict(list)
        vacances = [f for f in fermetures if f.motif == JourFerme.Motif.VACANCES]
        for enfant, ecole, debut, fin, foyer, autre, semaines, bascule, part, du, au in lignes:
            periodes = tuple(zip(du, au, strict=True)) if semaines == regles.CALENDRIER else ()
            partage = regles.Partage(foyer, autre, semaines, bascule, part, periodes)
            siennes = [v for v in vacances if v.ecole_id in (None, ecole)]
            self._gardes[enfant].append((debut, fin, partage, siennes))
        for enfant, du, au, vers, retour_du, retour_au, de in acceptes:
            self._deplacements[enfant].append(regles.Deplacement(du, au, vers))
            if retour_du:
                self._deplacements[enfant].append(regles.Deplacement(retour_du, retour_au, de))
        self.foyer = lru_cache(maxsize=None)(self._foyer)  # une journée a quatre activités

    def __bool__(self):
        return bool(self._gardes)

    def _foyer(self, enfant_id, jour):
        """La clé du foyer qui a l'enfant ce jour-là, ou ``None`` si aucune garde n'est dite."""
        for debut, fin, partage, vacances in self._gardes.get(enfant_id, ()):
            if debut <= jour <= fin:
                return regles.foyer_du_jour(jour, partage, vacances, self._deplacements[enfant_id])
        return None

    def a_nous(self, enfant_id, famille_id, jour):
        """Ce foyer peut réserver pour cet enfant ce jour-là."""
        return not self._gardes or self.foyer(enfant_id, jour) in (None, famille_id)
