"""Les activités de la commune et les inscriptions des enfants."""

from django.contrib.postgres.fields import ArrayField
from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q

JOURS = [(0, "lundi"), (1, "mardi"), (2, "mercredi"), (3, "jeudi"), (4, "vendredi"), (5, "samedi"), (6, "dimanche")]


class UniteDelai(models.TextChoices):
    """En quoi se compte un délai : les jours du calendrier, ou les jours où le site ouvre."""

    CALENDAIRES = "calendaires", "jours calendaires"
    OUVERTURE = "ouverture", "jours d'ouverture"


class ActiviteQuerySet(models.QuerySet):
    def actives(self):
        return self.filter(active=True)

    def ouvertes_a(self, enfant):
        """Les activités qui accueillent l'école de cet enfant."""
        return self.actives().filter(Q(site=enfant.ecole) | Q(ecoles=enfant.ecole)).distinct()


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
    avec_repas = models.BooleanField("comprend un repas", default=False)
    capacite = models.PositiveSmallIntegerField("places par jour", null=True, blank=True, help_text="Vide : sans limite.")
    age_min = models.PositiveSmallIntegerField("âge minimum", null=True, blank=True)
    age_max = models.PositiveSmallIntegerField("âge maximum", null=True, blank=True)
    validation_automatique = models.BooleanField("inscription acceptée sans la mairie", default=False)
    pieces = models.ManyToManyField(
        "documents.TypePiece", blank=True, related_name="activites", verbose_name="pièces exigées"
    )
    reservation_jours = models.PositiveSmallIntegerField(
        "réserver au plus tard", default=1, validators=[MaxValueValidator(60)], help_text="Jours avant. 1 : la veille."
    )
    reservation_heure = models.TimeField(
        "à", default="23:59", help_text="Heure de Paris, minute comprise : à 23:59:59 on peut encore."
    )
    annulation_jours = models.PositiveSmallIntegerField(
        "annuler au plus tard", default=1, validators=[MaxValueValidator(60)], help_text="Jours avant. 1 : la veille."
    )
    annulation_heure = models.TimeField("à", default="23:59")
    unite_delai = models.CharField(
        "jours comptés", max_length=11, choices=UniteDelai.choices, default=UniteDelai.CALENDAIRES
    )
    hors_delai = models.BooleanField("accepter hors délai", default=False, help_text="Avec le tarif « hors délai ».")
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
        ]

    def __str__(self):
        return f"{self.nom} – {self.site}"


class InscriptionQuerySet(models.QuerySet):
    def du_compte(self, compte):
        return self.filter(famille__adultes__compte=compte, famille__adultes__fin=None)

    def a_decider(self):
        return self.filter(etat=Inscription.Etat.DEMANDEE)

    def en_cours(self, jour):
        """Demandées, en attente ou validées, et pas encore finies à cette date de Paris."""
        return self.exclude(etat=Inscription.Etat.REFUSEE).filter(fin__gte=jour)

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

    enfant = models.ForeignKey("familles.Enfant", models.PROTECT, related_name="inscriptions", verbose_name="enfant")
    activite = models.ForeignKey(Activite, models.PROTECT, related_name="inscriptions", verbose_name="activité")
    annee = models.ForeignKey("commune.AnneeScolaire", models.PROTECT, related_name="inscriptions", verbose_name="année")
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

    objects = InscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = "inscription"
        ordering = ["enfant", "activite__ordre", "-debut"]
        indexes = [models.Index(fields=["demandee_le"], condition=Q(etat="demandee"), name="inscription_a_decider")]
        constraints = [
            models.UniqueConstraint(
                name="inscription_unique",
                fields=["enfant", "activite", "annee", "famille"],
                condition=~Q(etat="refusee"),
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
