"""Ce qui empêche des enfants de venir, un jour ou quelques-uns : à qui cela touche, et ce qui en fut fait."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q, Subquery
from django.utils.functional import cached_property

from commune.models import Ecole
from familles.models import Enfant, Rattachement
from inscriptions.models import Activite, Inscription

from .. import regles
from .tables import Mouvement, Reservation, Seance


class EvenementQuerySet(models.QuerySet):
    def actifs(self):
        """Appliqués, et pas levés depuis."""
        return self.filter(applique_le__isnull=False, leve_le=None)

    def touchant(self, debut, fin):
        """Ceux qui touchent au moins un jour de ``debut`` à ``fin`` compris (dates de Paris)."""
        return self.filter(du__lte=fin, au__gte=debut)

    def a_dire(self, jour):
        """Ceux que le bandeau dit encore à cette date de Paris, le plus proche d'abord."""
        return self.actifs().filter(au__gte=jour).order_by("du", "pk")

    def de_la_famille(self, famille):
        """Ceux qui concernent un enfant de ce foyer, qu'il ait réservé ou non.

        ``famille`` : sa clé ou, dans une sous-requête de foyers, ``OuterRef(OuterRef("pk"))``.
        """
        cibles = ExpressionWrapper(OuterRef("cibles"), Evenement._meta.get_field("cibles"))
        classes = ExpressionWrapper(OuterRef("classes"), Evenement._meta.get_field("classes"))
        inscrits = Inscription.objects.annotate(cibles=cibles).filter(
            famille=famille, etat=Inscription.Etat.VALIDEE, debut__lte=OuterRef("au"), fin__gte=OuterRef("du"),
            cibles__contains=[F("activite")],
        )  # fmt: skip
        eleves = Rattachement.objects.actuels().annotate(cibles=cibles, classes=classes).filter(
            famille=famille, cibles__contains=[F("enfant__ecole")], classes__contains=[F("enfant__classe")]
        )  # fmt: skip
        return self.filter(Q(Exists(inscrits), classes__len=0) | Q(Exists(eleves)))


class Evenement(models.Model):
    """Une grève, une sortie, une fermeture… : un brouillon que l'on relit, puis que l'on applique, puis lève au besoin.

    Sans classe, il ferme les séances de ses sites ; avec des classes, il n'annule que les réservations de leurs enfants
    (ceux de ces écoles, où qu'ils soient réservés) et les séances ont lieu. Appliqué, il ne change plus.
    """

    class Nature(models.TextChoices):
        GREVE = "greve", "grève"
        SORTIE = "sortie", "sortie d'une classe"
        ABSENCE = "absence", "enseignant absent"
        FERMETURE = "fermeture", "fermeture"
        INTEMPERIES = "intemperies", "intempéries"

    nature = models.CharField("nature", max_length=11, choices=Nature.choices)
    libelle = models.CharField(
        "libellé", max_length=100, help_text="Ce que lit la famille : « Grève du personnel », « Sortie au musée »."
    )
    message = models.TextField(
        "message aux familles", max_length=1000, blank=True, help_text="S'ajoute au courriel. Facultatif."
    )
    du = models.DateField("du")
    au = models.DateField("au (compris)")
    sites = models.ManyToManyField("commune.Ecole", blank=True, related_name="+", verbose_name="écoles et sites")
    activites = models.ManyToManyField(
        "inscriptions.Activite", blank=True, related_name="+", verbose_name="activités",
        help_text="Aucune choisie : toutes celles de ces sites.",
    )  # fmt: skip
    classes = ArrayField(
        models.CharField(max_length=4, choices=Enfant.Classe.choices), default=list, blank=True, verbose_name="classes",
        help_text="Aucune cochée : tout le monde, les séances n'ont pas lieu. Sinon, seuls leurs enfants sont excusés.",
    )  # fmt: skip
    cree_le = models.DateTimeField("créé le")
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="créé par"
    )
    annonce = models.CharField("annonce", max_length=500, blank=True, editable=False)
    # Copiées à l'application : l'accueil, que tout le monde ouvre, n'a pas à suivre les sites et les activités.
    cibles = ArrayField(
        models.BigIntegerField(), default=list, editable=False, verbose_name="activités, ou écoles des classes"
    )
    lot = models.UUIDField("enregistrement", null=True, unique=True, editable=False)
    applique_le = models.DateTimeField("appliqué le", null=True, editable=False)
    applique_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="appliqué par"
    )
    prevenus_le = models.DateTimeField("familles prévenues le", null=True, editable=False)
    lot_levee = models.UUIDField("enregistrement de la levée", null=True, unique=True, editable=False)
    leve_le = models.DateTimeField("levé le", null=True, editable=False)
    leve_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="levé par"
    )
    detrompes_le = models.DateTimeField("familles détrompées le", null=True, editable=False)

    objects = EvenementQuerySet.as_manager()

    class Meta:
        verbose_name = "événement"
        ordering = ["-du", "-pk"]
        indexes = [
            models.Index(
                fields=["au"], condition=Q(applique_le__isnull=False, leve_le=None), name="evenement_en_cours"
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="evenement_dans_l_ordre",
                condition=Q(du__lte=F("au")),
                violation_error_message="Le dernier jour ne peut pas précéder le premier.",
            ),
            models.CheckConstraint(
                name="evenement_applique_entier",
                condition=Q(applique_le=None, lot=None, annonce="", leve_le=None)
                | (Q(applique_le__isnull=False, lot__isnull=False) & ~Q(annonce="")),
                violation_error_message="Un événement appliqué porte son numéro et son annonce.",
            ),
            models.CheckConstraint(
                name="evenement_leve_entier",
                condition=Q(leve_le=None, lot_levee=None) | Q(leve_le__isnull=False, lot_levee__isnull=False),
                violation_error_message="Un événement levé porte le numéro de sa levée.",
            ),
            models.CheckConstraint(
                name="evenement_nature_connue",
                condition=Q(nature__in=["greve", "sortie", "absence", "fermeture", "intemperies"]),
                violation_error_message="Cette nature d'événement n'existe pas.",
            ),
        ]

    def __str__(self):
        return self.libelle

    @property
    def etat(self):
        if self.leve_le:
            return "levé"
        return "appliqué" if self.applique_le else "à appliquer"

    @property
    def est_actif(self):
        return bool(self.applique_le and not self.leve_le)

    @cached_property
    def les_sites(self):
        return list(self.sites.all())

    @cached_property
    def les_activites(self):
        return list(self.activites.select_related("site"))

    @property
    def classes_dites(self):
        return [label for valeur, label in Enfant.Classe.choices if valeur in self.classes]

    def phrase(self):
        """L'annonce telle qu'elle serait aujourd'hui ; appliquée, elle est copiée dans ``annonce``."""
        return regles.annonce(
            self.libelle, self.du, self.au, [site.nom for site in self.les_sites],
            [activite.nom for activite in self.les_activites], self.classes_dites,
        )  # fmt: skip

    def calculer_les_cibles(self):
        """Les clés des activités qu'il ferme ou, pour des classes, des écoles dont il excuse les enfants."""
        if self.classes:
            return [site.pk for site in self.les_sites or Ecole.objects.all()]
        activites = Activite.objects.filter(site__in=self.les_sites) if self.les_sites else Activite.objects.all()
        if self.les_activites:
            activites = activites.filter(pk__in=[activite.pk for activite in self.les_activites])
        return sorted(activites.order_by().values_list("pk", flat=True))

    # --- À qui il touche ---------------------------------------------------------------------------------------------
    def seances(self):
        """Les séances qu'il couvre, fermées comprises ; pour des classes, celles où leurs enfants peuvent être."""
        seances = Seance.objects.du(self.du, self.au)
        if self.les_activites:
            seances = seances.filter(activite__in=self.les_activites)
        if not self.classes:
            return seances.filter(activite__site__in=self.les_sites) if self.les_sites else seances
        if not self.les_sites:
            return seances
        # Un enfant mange parfois ailleurs que dans son école : là où elle est accueillie, ou là où il est réservé.
        d_ici = Reservation.objects.filter(self._eleves(), seance=OuterRef("pk")).exclude(etat=Reservation.Etat.ANNULEE)
        accueillies = Activite.objects.filter(Q(site__in=self.les_sites) | Q(ecoles__in=self.les_sites))
        return seances.filter(Q(activite__in=accueillies) | Exists(d_ici))

    def reservations(self, seances):
        """Les réservations vives de ces séances qu'il annule."""
        reservations = Reservation.objects.filter(seance__in=seances).exclude(etat=Reservation.Etat.ANNULEE)
        return reservations.filter(self._eleves()) if self.classes else reservations

    def _eleves(self):
        eleves = Q(enfant__classe__in=self.classes)
        return eleves & Q(enfant__ecole__in=self.les_sites) if self.les_sites else eleves

    # --- Ce qu'il en fut ---------------------------------------------------------------------------------------------
    def tenues(self):
        """Les réservations qu'il tient annulées : personne n'y a touché depuis."""
        dernier = Mouvement.objects.filter(reservation=OuterRef("pk"), apres__in=Reservation.Etat.values)
        siennes = Mouvement.objects.filter(lot=self.lot).values("reservation")
        annulees = Reservation.objects.filter(pk__in=siennes, etat=Reservation.Etat.ANNULEE)
        return annulees.annotate(dernier_lot=Subquery(dernier.order_by("-pk").values("lot")[:1])).filter(
            dernier_lot=self.lot
        )
