"""Les activités de la commune et les inscriptions des enfants."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.functional import cached_property

from commune.regles import jour_de_paris
from familles.models import Enfant

from .. import regles

JOURS = [(0, "lundi"), (1, "mardi"), (2, "mercredi"), (3, "jeudi"), (4, "vendredi"), (5, "samedi"), (6, "dimanche")]


class PlaceLiberee(models.TextChoices):
    """Ce que devient une place qui se libère dans une séance complète."""

    AUCUNE = "aucune", "elle est au premier qui la réserve"
    PROPOSER = "proposer", "elle est proposée à la liste d'attente, qui confirme"
    DONNER = "donner", "elle est donnée à la liste d'attente, sans confirmation"


class ActiviteQuerySet(models.QuerySet):
    def actives(self):
        return self.filter(active=True)

    def des_ecoles(self, ecoles):
        """Les activités proposées qui accueillent au moins une de ces écoles."""
        return self.actives().filter(Q(site__in=ecoles) | Q(ecoles__in=ecoles)).distinct()


class Activite(models.Model):
    """Une activité sur un site, à des heures (de Paris), certains jours de la semaine."""

    class Genre(models.TextChoices):
        MIDI = "midi", "restauration"
        MATIN = "matin", "accueil du matin"
        SOIR = "soir", "accueil du soir"
        MERCREDI = "mercredi", "mercredi"
        VACANCES = "vacances", "vacances"

    nom = models.CharField("nom", max_length=100)
    genre = models.CharField("genre", max_length=8, choices=Genre.choices)
    site = models.ForeignKey("commune.Ecole", models.PROTECT, related_name="activites", verbose_name="site")
    ecoles = models.ManyToManyField(
        "commune.Ecole", blank=True, related_name="activites_accueillies", verbose_name="autres écoles accueillies"
    )
    jours = ArrayField(models.PositiveSmallIntegerField(choices=JOURS), verbose_name="jours de la semaine")
    heure_debut = models.TimeField("de")
    heure_fin = models.TimeField("à")
    presentation = models.TextField("présentation", blank=True, help_text="Ce que la famille lit avant d'inscrire.")
    avec_repas = models.BooleanField("comprend un repas", default=False)
    capacite = models.PositiveSmallIntegerField(
        "places par jour", null=True, blank=True, help_text="Vide : sans limite."
    )
    place_liberee = models.CharField(
        "une place qui se libère",
        max_length=8,
        choices=PlaceLiberee.choices,
        default=PlaceLiberee.AUCUNE,
        help_text="Avec une liste d'attente, un jour complet prend les noms ; personne ne passe devant elle.",
    )
    delai_offre = models.PositiveSmallIntegerField(
        "heures pour répondre",
        default=24,
        validators=[MinValueValidator(1), MaxValueValidator(168)],
        help_text="Une place proposée attend la famille ce temps-là, jamais au-delà de la limite de réservation.",
    )
    inscriptions_max = models.PositiveSmallIntegerField(
        "inscriptions au plus",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="Vide : sans limite. Ensuite, les demandes vont en liste d'attente, dans leur ordre d'arrivée.",
    )
    classes = ArrayField(
        models.CharField(max_length=4, choices=Enfant.Classe.choices),
        default=list,
        blank=True,
        verbose_name="classes accueillies",
        help_text="Aucune cochée : toutes.",
    )
    age_min = models.PositiveSmallIntegerField("âge minimum", null=True, blank=True)
    age_max = models.PositiveSmallIntegerField("âge maximum", null=True, blank=True)
    age_au_mois = models.BooleanField(
        "dès le mois de l'anniversaire",
        default=False,
        help_text="L'âge minimum se compte au premier jour du mois de l'anniversaire.",
    )
    validation_automatique = models.BooleanField("inscription acceptée sans la mairie", default=False)
    pieces = models.ManyToManyField(
        "documents.TypePiece", blank=True, related_name="activites", verbose_name="pièces exigées"
    )
    semaine_min = models.PositiveSmallIntegerField(
        "jours par semaine, au moins", null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(7)],
        help_text="Vide : libre. Une semaine sans rien reste permise.",
    )  # fmt: skip
    semaine_max = models.PositiveSmallIntegerField(
        "jours par semaine, au plus", null=True, blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(7)], help_text="Vide : libre.",
    )  # fmt: skip
    par_classe = models.PositiveSmallIntegerField(
        "enfants d'une même classe par jour, au plus", null=True, blank=True, validators=[MinValueValidator(1)],
        help_text="Vide : sans limite.",
    )  # fmt: skip
    excuse_jours = models.PositiveSmallIntegerField(
        "jours pour excuser une absence", default=regles.EXCUSE_JOURS,
        validators=[MinValueValidator(1), MaxValueValidator(366)],
        help_text="Après le début de la séance ; ensuite, la famille vous écrit.",
    )  # fmt: skip
    priorites = ArrayField(
        models.CharField(max_length=7, choices=list(regles.GROUPES.items())), default=list, blank=True,
        verbose_name="priorités, dans l'ordre",
    )  # fmt: skip
    active = models.BooleanField("proposée", default=True)
    ordre = models.PositiveSmallIntegerField("ordre", default=0)

    objects = ActiviteQuerySet.as_manager()

    class Meta:
        verbose_name = "activité"
        ordering = ["ordre", "heure_debut", "nom"]
        constraints = [
            models.UniqueConstraint(
                name="activite_unique_par_site",
                fields=["site", "nom"],
                violation_error_message="Ce site a déjà une activité de ce nom.",
            ),
            models.CheckConstraint(
                name="activite_dans_l_ordre",
                condition=Q(heure_debut__lt=F("heure_fin")),
                violation_error_message="L'activité doit finir après avoir commencé.",
            ),
            models.CheckConstraint(
                name="activite_a_des_jours",
                condition=Q(jours__len__gt=0),
                violation_error_message="Une activité a lieu au moins un jour de la semaine.",
            ),
            models.CheckConstraint(
                name="activite_ages_dans_l_ordre",
                condition=Q(age_min=None) | Q(age_max=None) | Q(age_min__lte=F("age_max")),
                violation_error_message="L'âge maximum ne peut pas être inférieur à l'âge minimum.",
            ),
            models.CheckConstraint(
                name="activite_semaine_dans_l_ordre",
                condition=Q(semaine_min=None) | Q(semaine_max=None) | Q(semaine_min__lte=F("semaine_max")),
                violation_error_message="Le maximum par semaine ne peut pas être inférieur au minimum.",
            ),
            models.CheckConstraint(
                name="activite_place_liberee_connue",
                condition=Q(place_liberee__in=["aucune", "proposer", "donner"]) & Q(delai_offre__gt=0),
                violation_error_message="Une place libérée va au premier venu, se propose ou se donne ; au moins une"
                " heure pour répondre.",
            ),
        ]

    def __str__(self):
        return f"{self.nom} – {self.site}"

    @property
    def jours_dits(self):
        return regles.jours_dits(self.jours)

    @property
    def horaires(self):
        """« 12 h – 13 h 30 », heures de Paris."""
        return f"{regles.heure_dite(self.heure_debut)} – {regles.heure_dite(self.heure_fin)}"

    # Les jours (de Paris) dont parlent ses délais quand une page n'en montre que quelques-uns.
    fenetre = (None, None)

    @cached_property
    def regles_lues(self):
        """Ses règles de délai ; à précharger, ou à poser ici, pour une liste."""
        return list(self.regles_delai.all())

    @property
    def delais(self):
        """Les délais relus en français, pour la ``fenetre``. Lit ``regles_lues``."""
        return regles.phrase_delais(self.delais_pour(regles.RESERVER), self.delais_pour(regles.ANNULER), *self.fenetre)

    def delais_pour(self, geste):
        """Les :class:`regles.Delai` d'un geste, dans l'ordre de leurs dates."""
        return [regle.delai for regle in self.regles_lues if regle.geste == geste]

    @property
    def liste_attente(self):
        """Un jour complet prend-il les noms ?"""
        return self.place_liberee != PlaceLiberee.AUCUNE

    def accueil(self):
        """À qui elle s'ouvre, pour ``regles.eligibilite``. Lit ``ecoles`` : à précharger pour une liste."""
        return regles.Accueil(
            frozenset([self.site_id, *(ecole.pk for ecole in self.ecoles.all())]), frozenset(self.classes),
            self.age_min, self.age_max, self.age_au_mois, self.active,
        )  # fmt: skip


class InscriptionQuerySet(models.QuerySet):
    def du_compte(self, compte):
        return self.filter(famille__adultes__compte=compte, famille__adultes__fin=None)

    def a_decider(self):
        return self.filter(etat=Inscription.Etat.DEMANDEE)

    def vives(self):
        """Ni refusées, ni retirées : demandées, en attente ou validées, même finies."""
        return self.exclude(etat__in=Inscription.ECARTEES)

    def en_cours(self, jour):
        """Demandées, en attente ou validées, et pas encore finies à cette date de Paris."""
        return self.vives().filter(fin__gte=jour)

    def valables(self, debut, fin):
        """Validées, et qui couvrent au moins un jour de ``debut`` à ``fin`` compris."""
        return self.filter(etat=Inscription.Etat.VALIDEE, debut__lte=fin, fin__gte=debut)


class Inscription(models.Model):
    """L'inscription d'un enfant à une activité pour une année : elle permet de réserver, elle ne réserve rien."""

    class Etat(models.TextChoices):
        DEMANDEE = "demandee", "demandée"
        VALIDEE = "validee", "validée"
        ATTENTE = "attente", "en liste d'attente"
        REFUSEE = "refusee", "refusée"
        RETIREE = "retiree", "retirée par la famille"

    ECARTEES = [Etat.REFUSEE, Etat.RETIREE]

    enfant = models.ForeignKey("familles.Enfant", models.PROTECT, related_name="inscriptions", verbose_name="enfant")
    activite = models.ForeignKey(Activite, models.PROTECT, related_name="inscriptions", verbose_name="activité")
    annee = models.ForeignKey(
        "commune.AnneeScolaire", models.PROTECT, related_name="inscriptions", verbose_name="année"
    )
    famille = models.ForeignKey("familles.Famille", models.PROTECT, related_name="inscriptions", verbose_name="famille")
    etat = models.CharField("état", max_length=8, choices=Etat.choices, default=Etat.DEMANDEE)
    motif = models.CharField("motif", max_length=300, blank=True)
    debut = models.DateField("du")
    fin = models.DateField("au")
    demandee_le = models.DateTimeField("demandée le")
    demandee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="demandée par"
    )
    decidee_le = models.DateTimeField("décidée le", null=True, blank=True)
    decidee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="décidée par"
    )
    terminee_le = models.DateTimeField(
        "fin demandée le",
        null=True,
        blank=True,
        help_text="Une inscription terminée avant l'heure permet d'en rouvrir une.",
    )
    terminee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="fin demandée par",
    )

    objects = InscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = "inscription"
        ordering = ["enfant", "activite__ordre", "-debut"]
        indexes = [models.Index(fields=["demandee_le"], condition=Q(etat="demandee"), name="inscription_a_decider")]
        constraints = [
            models.UniqueConstraint(
                name="inscription_unique",
                fields=["enfant", "activite", "annee", "famille"],
                condition=~Q(etat__in=["refusee", "retiree"]) & Q(terminee_le=None),
                violation_error_message="Cet enfant est déjà inscrit à cette activité pour l'année.",
            ),
            models.CheckConstraint(
                name="inscription_dans_l_ordre",
                condition=Q(debut__lte=F("fin")),
                violation_error_message="L'inscription ne peut pas finir avant de commencer.",
            ),
            models.CheckConstraint(
                name="inscription_refus_motive",
                condition=~Q(etat="refusee") | ~Q(motif=""),
                violation_error_message="Un refus se motive.",
            ),
        ]

    def __str__(self):
        return f"{self.enfant} – {self.activite}"

    @property
    def numero(self):
        """Le numéro du reçu : l'année de la demande à Paris, puis un rang qui peut sauter."""
        return f"I-{jour_de_paris(self.demandee_le).year}-{self.pk:06d}"

    @property
    def delais(self):
        """Les délais de l'activité pendant cette inscription, relus en français."""
        self.activite.fenetre = (self.debut, self.fin)
        return self.activite.delais

    def est_finie(self, jour):
        """Vrai si elle ne vaut plus à cette date de Paris, ou n'a jamais valu."""
        return self.fin < jour or self.etat in self.ECARTEES

    def peut_se_retirer(self, jour):
        """Une demande se retire ; une inscription validée aussi, tant qu'elle n'a pas commencé."""
        return self.etat in (self.Etat.DEMANDEE, self.Etat.ATTENTE) or (
            self.etat == self.Etat.VALIDEE and jour < self.debut
        )
