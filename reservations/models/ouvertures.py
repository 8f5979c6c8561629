"""Le jour d'ouverture : l'ouverture, le numéro d'un foyer, ses vœux, et leur lecture en nombre constant de requêtes."""

import secrets

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Count, F, Q

from .. import regles
from .tables import Reservation, Seance


def nouvelle_graine():
    """128 bits que personne ne devine ; gardés secrets jusqu'à l'ouverture."""
    return secrets.token_hex(16)


class OuvertureQuerySet(models.QuerySet):
    def du_compte(self, compte):
        """Celles où un enfant du foyer est inscrit à une des activités, pour un jour de l'ouverture au moins."""
        return self.filter(
            activites__inscriptions__famille__adultes__compte=compte,
            activites__inscriptions__famille__adultes__fin=None,
            activites__inscriptions__etat="validee",
            activites__inscriptions__debut__lte=F("au"),
            activites__inscriptions__fin__gte=F("du"),
        ).distinct()

    def a_tirer(self, maintenant):
        return self.filter(mode=Ouverture.Mode.TIRAGE, tiree_le=None, ouvre_le__lte=maintenant)

    def files_ouvertes(self, maintenant):
        return self.filter(mode=Ouverture.Mode.FILE, finie_le=None, ouvre_le__lte=maintenant)


class Ouverture(models.Model):
    """Des séances que l'on ne réserve pas avant un instant : d'ici là les familles préparent leurs vœux.

    En mode ``file``, chacun réserve à son tour ; en mode ``tirage``, ``ouvre_le`` clôt les vœux et le sort décide.
    """

    class Mode(models.TextChoices):
        FILE = "file", "file d'attente équitable"
        TIRAGE = "tirage", "vœux puis tirage au sort"

    nom = models.CharField("nom", max_length=100, help_text="« Vacances d'hiver » : ce que lisent les familles.")
    activites = models.ManyToManyField("inscriptions.Activite", related_name="ouvertures", verbose_name="activités")
    du = models.DateField("séances du")
    au = models.DateField("au", help_text="Compris.")
    voeux_des = models.DateTimeField("vœux dès le", help_text="Heure de Paris. Avant, l'ouverture est annoncée.")
    ouvre_le = models.DateTimeField(
        "ouvre le", help_text="Heure de Paris. La file commence, ou les vœux sont clos et le tirage se fait."
    )
    mode = models.CharField("comment", max_length=6, choices=Mode.choices, default=Mode.FILE)
    a_la_fois = models.PositiveSmallIntegerField(
        "foyers à la fois", default=30, validators=[MinValueValidator(1)],
        help_text="File : combien de foyers réservent en même temps. Trente laissent la page rapide.",
    )  # fmt: skip
    minutes = models.PositiveSmallIntegerField(
        "minutes pour réserver", default=10, validators=[MinValueValidator(1)],
        help_text="File : le temps de chacun, une fois entré.",
    )  # fmt: skip
    graine = models.CharField("graine", max_length=32, default=nouvelle_graine, editable=False)
    tiree_le = models.DateTimeField("tirée le", null=True, blank=True, editable=False)
    finie_le = models.DateTimeField("file finie le", null=True, blank=True, editable=False)

    objects = OuvertureQuerySet.as_manager()

    class Meta:
        verbose_name = "ouverture"
        ordering = ["-ouvre_le", "pk"]
        constraints = [
            models.CheckConstraint(
                name="ouverture_jours_dans_l_ordre",
                condition=Q(du__lte=F("au")),
                violation_error_message="Le dernier jour ne peut pas venir avant le premier.",
            ),
            models.CheckConstraint(
                name="ouverture_voeux_avant",
                condition=Q(voeux_des__lt=F("ouvre_le")),
                violation_error_message="Les vœux commencent avant l'ouverture.",
            ),
            models.CheckConstraint(
                name="ouverture_tiree_a_l_heure",
                condition=Q(tiree_le=None) | Q(mode="tirage", tiree_le__gte=F("ouvre_le")),
                violation_error_message="Un tirage se fait une fois les vœux clos.",
            ),
            models.CheckConstraint(
                name="ouverture_du_monde_a_la_fois",
                condition=Q(a_la_fois__gte=1, minutes__gte=1),
                violation_error_message="Il faut au moins un foyer à la fois, et une minute.",
            ),
        ]

    def __str__(self):
        return self.nom

    @property
    def engagement(self):
        """L'empreinte de la graine, publique dès l'annonce."""
        return regles.engagement(self.graine)

    def etape(self, maintenant):
        return regles.etape(self, maintenant)

    def graine_publique(self, maintenant):
        """La graine, quand plus rien ne peut en profiter ; « » avant."""
        finie = self.tiree_le or (self.mode == self.Mode.FILE and maintenant >= self.ouvre_le)
        return self.graine if finie else ""


class TicketQuerySet(models.QuerySet):
    def du_compte(self, compte):
        return self.filter(famille__adultes__compte=compte, famille__adultes__fin=None)


class Ticket(models.Model):
    """Un foyer à une ouverture : son numéro public, et sa place dans la file s'il y est entré."""

    ouverture = models.ForeignKey(Ouverture, models.PROTECT, related_name="tickets", verbose_name="ouverture")
    famille = models.ForeignKey("familles.Famille", models.PROTECT, related_name="tickets", verbose_name="famille")
    numero = models.CharField("numéro public", max_length=6)
    arrive_le = models.DateTimeField("arrivé dans la file le", null=True)
    ordre = models.BigIntegerField("ordre dans la file", null=True)
    vu_le = models.DateTimeField("vu le", null=True)
    admis_le = models.DateTimeField("admis le", null=True)
    jusqu_a = models.DateTimeField("à lui jusqu'à", null=True)

    objects = TicketQuerySet.as_manager()

    class Meta:
        verbose_name = "ticket"
        ordering = ["ouverture", "ordre", "pk"]
        indexes = [
            models.Index(fields=["ouverture", "ordre", "id"], name="ticket_file"),
            models.Index(fields=["ouverture", "jusqu_a"], condition=~Q(jusqu_a=None), name="ticket_salle"),
        ]
        constraints = [
            models.UniqueConstraint(
                name="ticket_unique",
                fields=["ouverture", "famille"],
                violation_error_message="Ce foyer a déjà son rang dans cette file.",
            ),
            models.UniqueConstraint(
                name="ticket_numero_unique",
                fields=["ouverture", "numero"],
                violation_error_message="Ce numéro est celui d'un autre foyer.",
            ),
            models.CheckConstraint(
                name="ticket_dans_l_ordre",
                condition=Q(arrive_le=None, ordre=None, admis_le=None)
                | Q(arrive_le__isnull=False, ordre__isnull=False),
                violation_error_message="On n'est admis qu'après être arrivé, et chaque arrivée a son ordre.",
            ),
            models.CheckConstraint(
                name="ticket_admis_pour_un_temps",
                condition=Q(admis_le=None, jusqu_a=None) | Q(admis_le__isnull=False, jusqu_a__isnull=False),
                violation_error_message="Une admission finit toujours.",
            ),
        ]

    def __str__(self):
        return f"n° {self.numero}"


class VoeuQuerySet(models.QuerySet):
    def du_compte(self, compte):
        return self.filter(ticket__famille__adultes__compte=compte, ticket__famille__adultes__fin=None)

    def complets(self):
        """Avec tout ce qu'une ligne de résultat montre."""
        return self.select_related("ticket", "enfant", "seance__activite")


class Voeu(models.Model):
    """Un enfant voudrait une place à une séance. Son numéro public est celui de son foyer et le rang de l'enfant."""

    class Etat(models.TextChoices):
        DEPOSE = "depose", "déposé"
        RETENU = "retenu", "une place"
        ATTENTE = "attente", "en liste d'attente"
        PERDU = "perdu", "pas de place"
        ECARTE = "ecarte", "écarté"

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="voeux", verbose_name="foyer")
    enfant = models.ForeignKey("familles.Enfant", models.PROTECT, related_name="voeux", verbose_name="enfant")
    seance = models.ForeignKey(Seance, models.PROTECT, related_name="voeux", verbose_name="séance")
    rang_enfant = models.PositiveSmallIntegerField("rang de l'enfant dans le foyer")
    priorite = models.PositiveSmallIntegerField("groupe de priorité", default=0, help_text="0 passe d'abord.")
    depose_le = models.DateTimeField("déposé le")
    etat = models.CharField("état", max_length=7, choices=Etat.choices, default=Etat.DEPOSE)
    rang = models.PositiveIntegerField("rang tiré", null=True)
    raison = models.CharField("raison", max_length=300, blank=True)

    objects = VoeuQuerySet.as_manager()

    class Meta:
        verbose_name = "vœu"
        verbose_name_plural = "vœux"
        ordering = ["seance", "rang", "pk"]
        indexes = [models.Index(fields=["ticket", "seance"], name="voeu_du_foyer")]
        constraints = [
            models.UniqueConstraint(
                name="voeu_unique",
                fields=["enfant", "seance"],
                violation_error_message="Cet enfant a déjà ce vœu.",
            ),
            models.UniqueConstraint(
                name="voeu_rang_unique",
                fields=["seance", "rang"],
                condition=Q(rang__isnull=False),
                violation_error_message="Deux vœux ne peuvent pas avoir le même rang.",
            ),
            models.CheckConstraint(
                name="voeu_tire_a_un_rang",
                condition=Q(etat__in=["depose", "ecarte"], rang=None)
                | Q(etat__in=["retenu", "attente", "perdu"], rang__gte=1),
                violation_error_message="Un vœu tiré a un rang, les autres non.",
            ),
        ]

    def __str__(self):
        return f"{self.enfant} – {self.seance}"

    @property
    def numero(self):
        """Ce que dit la page publique : « 482913-1 »."""
        return f"{self.ticket.numero}-{self.rang_enfant}"


# --- Lire ---------------------------------------------------------------------------------------------------------
# À la main : chaque page du planning la pose, et l'ORM mettrait plus de temps à la composer que la base à répondre.
def comptes_des_voeux(seances):
    """Combien d'enfants voudraient chacune de ces séances : ``{seance_id: nombre}``."""
    return dict(
        Voeu.objects.filter(seance__in=seances).order_by().values_list("seance").annotate(n=Count("pk"))
    )


def comptes_des_places(seances):
    """Les places prises à chacune de ces séances, réservées ou proposées : ``{seance_id: nombre}``."""
    return dict(
        Reservation.objects.qui_prennent_une_place().filter(seance__in=seances)
        .order_by().values_list("seance").annotate(n=Count("pk"))
    )  # fmt: skip
