"""Les séances, les réservations des familles et leur journal."""

import uuid

from django.conf import settings
from django.db import connections, models
from django.db.models import Count, F, Q

from commune.fichiers import chemin_prive


class SeanceQuerySet(models.QuerySet):
    def du(self, debut, fin):
        """Les séances de ``debut`` à ``fin`` compris (dates de Paris)."""
        return self.filter(jour__range=(debut, fin))

    def reservables(self, maintenant):
        return self.filter(ouverte=True, limite_reservation__gt=maintenant)

    def verrouillees(self, ids):
        """Ces séances, que personne d'autre ne changera ni ne remplira avant la fin de la transaction.

        Toujours dans l'ordre de leurs numéros : deux familles qui veulent les mêmes ne s'attendent pas l'une
        l'autre. Le verrou laisse passer ce qui ne fait que les désigner (un pointage).
        """
        return self.select_for_update(of=("self",), no_key=True).filter(pk__in=ids).order_by("pk")

    def avec_effectifs(self):
        """Ajoute ``reservees``, le nombre d'enfants attendus."""
        return self.annotate(reservees=Count("reservations", filter=Q(reservations__etat=Reservation.Etat.RESERVEE)))

    def poser_limites(self, limites):
        """Écrit en une requête ``{pk: (limite de réservation, limite d'annulation, après la limite)}`` ; rend le
        nombre de séances.
        """
        if not limites:
            return 0
        # Écrits comme PostgreSQL les écrit : adapter soixante mille valeurs une à une prenait une demi-seconde.
        lignes = [(str(pk), r.isoformat(), a.isoformat(), e) for pk, (r, a, e) in limites.items()]
        colonnes = ["{" + ",".join(colonne) + "}" for colonne in zip(*lignes, strict=True)]
        with connections[self.db].cursor() as curseur:
            curseur.execute(
                """UPDATE reservations_seance s
                   SET limite_reservation = n.r, limite_annulation = n.a, apres_limite = n.e
                   FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::text[]) AS n(id, r, a, e)
                   WHERE s.id = n.id""",
                colonnes,
            )
            return curseur.rowcount


class Seance(models.Model):
    """Une activité un jour donné : la ligne que la capacité verrouille et que la mairie peut changer pour un
    jour.

    Les deux limites sont le **premier instant refusé** (UTC) : « la veille 23:59 » y est le jour même 00:00 à
    Paris.
    """

    activite = models.ForeignKey(
        "inscriptions.Activite", models.PROTECT, related_name="seances", verbose_name="activité"
    )
    jour = models.DateField("jour")
    capacite = models.PositiveSmallIntegerField("places", null=True, blank=True, help_text="Vide : sans limite.")
    ouverte = models.BooleanField("a lieu", default=True)
    motif = models.CharField("motif de l'annulation", max_length=150, blank=True)
    limite_reservation = models.DateTimeField("réserver avant")
    limite_annulation = models.DateTimeField("annuler avant")
    apres_limite = models.CharField(
        "après la limite", max_length=10, default="refuse",
        choices=[("refuse", "refusé"), ("supplement", "au tarif hors délai"), ("mairie", "la mairie seule")],
    )  # fmt: skip

    objects = SeanceQuerySet.as_manager()

    class Meta:
        verbose_name = "séance"
        ordering = ["jour", "activite"]
        indexes = [models.Index(fields=["jour", "activite"], name="seance_du_jour")]
        constraints = [
            models.UniqueConstraint(
                name="seance_unique",
                fields=["activite", "jour"],
                violation_error_message="Cette activité a déjà une séance ce jour-là.",
            ),
            models.CheckConstraint(
                name="seance_annulee_motivee",
                condition=Q(ouverte=True) | ~Q(motif=""),
                violation_error_message="Dites aux familles pourquoi la séance n'a pas lieu.",
            ),
            models.CheckConstraint(
                name="seance_apres_limite_connu",
                condition=Q(apres_limite__in=["refuse", "supplement", "mairie"]),
                violation_error_message="Après la limite : refusé, hors délai, ou la mairie seule.",
            ),
        ]

    def __str__(self):
        return f"{self.activite} le {self.jour:%d/%m/%Y}"

    @property
    def limites(self):
        """Ses deux limites et ce qui les suit, à comparer à celles que calculent les règles."""
        return self.limite_reservation, self.limite_annulation, self.apres_limite


class ReservationQuerySet(models.QuerySet):
    def du_compte(self, compte):
        return self.filter(famille__adultes__compte=compte, famille__adultes__fin=None)

    def reservees(self):
        return self.filter(etat=Reservation.Etat.RESERVEE)

    def qui_prennent_une_place(self):
        """Réservées, ou proposées à une famille qui n'a pas encore répondu : la place lui est gardée."""
        return self.filter(etat__in=Reservation.PRENANTS)


class Reservation(models.Model):
    """Un enfant à une séance, pour le compte du foyer qui paie."""

    class Etat(models.TextChoices):
        RESERVEE = "reservee", "réservée"
        PROPOSEE = "proposee", "place proposée"
        ATTENTE = "attente", "en attente"
        ANNULEE = "annulee", "annulée"

    PRENANTS = [Etat.RESERVEE, Etat.PROPOSEE]

    enfant = models.ForeignKey("familles.Enfant", models.PROTECT, related_name="reservations", verbose_name="enfant")
    seance = models.ForeignKey(Seance, models.PROTECT, related_name="reservations", verbose_name="séance")
    famille = models.ForeignKey("familles.Famille", models.PROTECT, related_name="reservations", verbose_name="famille")
    etat = models.CharField("état", max_length=8, choices=Etat.choices, default=Etat.RESERVEE)
    hors_delai = models.BooleanField("hors délai", default=False)
    modifiee_le = models.DateTimeField("modifiée le")

    objects = ReservationQuerySet.as_manager()

    class Meta:
        verbose_name = "réservation"
        ordering = ["seance__jour", "pk"]
        indexes = [models.Index(fields=["seance"], include=["etat", "enfant"], name="reservation_de_la_seance")]
        constraints = [
            models.UniqueConstraint(
                name="reservation_unique",
                fields=["enfant", "seance"],
                violation_error_message="Cet enfant a déjà une réservation à cette séance.",
            ),
            models.CheckConstraint(
                name="reservation_etat_connu",
                condition=Q(etat__in=["reservee", "proposee", "attente", "annulee"]),
                violation_error_message="Une réservation est réservée, proposée, en attente ou annulée.",
            ),
        ]

    def __str__(self):
        return f"{self.enfant} – {self.seance}"


# Le journal dit aussi les excuses : l'état de la réservation n'en change pas, ce qu'on en sait si.
VERBES = {
    "reservee": "réservé",
    "annulee": "annulé",
    "attente": "mis en liste d'attente",
    "proposee": "place proposée",
    "excuse": "excuse envoyée",
    "acceptee": "excuse acceptée",
    "refusee": "excuse refusée",
}


class MouvementQuerySet(models.QuerySet):
    def du_compte(self, compte):
        return self.filter(reservation__famille__adultes__compte=compte, reservation__famille__adultes__fin=None)

    def complets(self):
        """Avec tout ce qu'une ligne du journal montre, sans une requête de plus."""
        return self.select_related("compte__adulte", "reservation__enfant", "reservation__seance__activite")


class Mouvement(models.Model):
    """Le journal : qui a changé quoi, quand, d'où. On y ajoute, on n'y change rien (la base le refuse)."""

    class Origine(models.TextChoices):
        PARENT = "parent", "la famille"
        MAIRIE = "mairie", "la mairie"
        AGENT = "agent", "un agent sur place"
        REGLE = "regle", "une règle du portail"

    lot = models.UUIDField("enregistrement", default=uuid.uuid4, help_text="Commun à ce qui fut enregistré ensemble.")
    reservation = models.ForeignKey(Reservation, models.PROTECT, related_name="mouvements", verbose_name="réservation")
    avant = models.CharField("avant", max_length=8, blank=True)
    apres = models.CharField("après", max_length=8)
    origine = models.CharField("par", max_length=6, choices=Origine.choices)
    compte = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="compte"
    )
    instant = models.DateTimeField("le")
    motif = models.CharField("motif", max_length=300, blank=True)

    objects = MouvementQuerySet.as_manager()

    class Meta:
        verbose_name = "mouvement"
        ordering = ["-instant", "-pk"]
        indexes = [models.Index(fields=["lot"], name="mouvement_lot")]
        constraints = [
            models.CheckConstraint(
                name="mouvement_change_quelque_chose",
                condition=~Q(avant=F("apres")),
                violation_error_message="Un mouvement va d'un état à un autre.",
            ),
        ]

    def __str__(self):
        return f"{self.reservation} : {self.avant or '–'} → {self.apres}"

    @property
    def numero(self):
        """Le début du numéro de lot, celui que l'on dit au téléphone : « 3F2A91C0 »."""
        return str(self.lot)[:8].upper()

    @property
    def verbe(self):
        """Ce qui est arrivé, en un mot que lit la famille."""
        return VERBES.get(self.apres, self.apres)


class ExcuseQuerySet(models.QuerySet):
    def du_compte(self, compte):
        return self.filter(reservation__in=Reservation.objects.du_compte(compte))

    def a_decider(self):
        return self.filter(etat=Excuse.Etat.ENVOYEE)


class Excuse(models.Model):
    """L'excuse écrite d'une absence, après la limite : sans elle, toute réservation est facturée."""

    class Etat(models.TextChoices):
        ENVOYEE = "envoyee", "envoyée"
        ACCEPTEE = "acceptee", "acceptée"
        REFUSEE = "refusee", "refusée"

    reservation = models.OneToOneField(Reservation, models.PROTECT, related_name="excuse", verbose_name="réservation")
    texte = models.TextField("raison", max_length=1000)
    fichier = models.FileField("justificatif", upload_to=chemin_prive, blank=True)
    etat = models.CharField("état", max_length=8, choices=Etat.choices, default=Etat.ENVOYEE)
    reponse = models.CharField("réponse de la mairie", max_length=300, blank=True)
    envoyee_le = models.DateTimeField("envoyée le")
    envoyee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="envoyée par"
    )
    decidee_le = models.DateTimeField("décidée le", null=True, blank=True)
    decidee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="décidée par"
    )

    objects = ExcuseQuerySet.as_manager()

    class Meta:
        verbose_name = "excuse"
        ordering = ["-envoyee_le"]
        constraints = [
            models.CheckConstraint(
                name="excuse_refus_motive",
                condition=~Q(etat="refusee") | ~Q(reponse=""),
                violation_error_message="Un refus se motive.",
            ),
        ]

    def __str__(self):
        return f"Excuse de {self.reservation}"
