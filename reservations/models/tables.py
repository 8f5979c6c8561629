"""Les séances, les réservations des familles et leur journal."""

import uuid

from django.conf import settings
from django.db import connections, models
from django.db.models import Count, Exists, F, Func, IntegerField, OuterRef, Q, Subquery

from commune.fichiers import chemin_prive
from inscriptions.models import Inscription, PlaceLiberee

from .. import regles


class SeanceQuerySet(models.QuerySet):
    def du(self, debut, fin):
        """Les séances de ``debut`` à ``fin`` compris (dates de Paris)."""
        return self.filter(jour__range=(debut, fin))

    def reservables(self, maintenant):
        """Celles qu'une famille peut réserver à cet instant, pleines ou non."""
        ouvertes = Q(ouverture=None) | Q(ouverture__ouvre_le__lte=maintenant)
        return self.filter(ouvertes, ouverte=True, limite_reservation__gt=maintenant)

    def avec_une_place(self):
        """Celles où il reste une place, ou sans limite de places."""
        prises = Reservation.objects.qui_prennent_une_place().filter(seance=OuterRef("pk")).order_by()
        prises = prises.annotate(n=Func("pk", function="COUNT", output_field=IntegerField())).values("n")
        return self.filter(Q(capacite=None) | Q(capacite__gt=Subquery(prises)))

    def verrouillees(self, ids):
        """Ces séances, que personne d'autre ne changera ni ne remplira avant la fin de la transaction.

        Toujours dans l'ordre de leurs numéros : deux familles qui veulent les mêmes ne s'attendent pas l'une
        l'autre. Le verrou laisse passer ce qui ne fait que les désigner (un pointage).
        """
        return self.select_for_update(of=("self",), no_key=True).filter(pk__in=ids).order_by("pk")

    def verrouiller(self, ids):
        """Le même verrou, sans lire les séances : une année en a des centaines, et leur lecture vient après lui."""
        with connections[self.db].cursor() as curseur:
            curseur.execute(
                "SELECT FROM reservations_seance WHERE id = ANY(%s::bigint[]) ORDER BY id FOR NO KEY UPDATE",
                [list(ids)],
            )

    def avec_effectifs(self):
        """Ajoute ``reservees``, le nombre d'enfants attendus."""
        return self.annotate(reservees=Count("reservations", filter=Q(reservations__etat=Reservation.Etat.RESERVEE)))

    def avec_attente(self):
        """Ajoute ``proposees``, les places gardées sans réponse encore, et ``en_attente``, les enfants de la liste."""
        etats = {"proposees": Reservation.Etat.PROPOSEE, "en_attente": Reservation.Etat.ATTENTE}
        return self.annotate(
            **{nom: Count("reservations", filter=Q(reservations__etat=etat)) for nom, etat in etats.items()}
        )

    def a_offrir(self, maintenant):
        """Les séances (leurs clés) qui ont une place libre et une attente : ce qu'une écriture aurait oublié."""
        attentes = Reservation.objects.en_attente().order_by().values("seance")
        return self.reservables(maintenant).filter(pk__in=attentes).avec_une_place().values_list("pk", flat=True)

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
    evenement = models.ForeignKey(
        "Evenement", models.PROTECT, null=True, blank=True, editable=False, related_name="seances_fermees",
        verbose_name="événement",
    )  # fmt: skip
    limite_reservation = models.DateTimeField("réserver avant")
    limite_annulation = models.DateTimeField("annuler avant")
    apres_limite = models.CharField(
        "après la limite", max_length=10, default="refuse",
        choices=[("refuse", "refusé"), ("supplement", "au tarif hors délai"), ("mairie", "la mairie seule")],
    )  # fmt: skip
    ouverture = models.ForeignKey(
        "Ouverture", models.SET_NULL, null=True, blank=True, related_name="seances", verbose_name="ouverture"
    )

    objects = SeanceQuerySet.as_manager()

    class Meta:
        verbose_name = "séance"
        ordering = ["jour", "activite"]
        # La clé y est : la semaine d'un foyer y trouve celles de toute une ville sans lire une séance.
        indexes = [models.Index(fields=["jour", "activite"], include=["id"], name="seance_du_jour")]
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
            models.CheckConstraint(
                name="seance_fermee_par_son_evenement",
                condition=Q(evenement=None) | Q(ouverte=False),
                violation_error_message="Une séance qui a lieu ne dépend d'aucun événement.",
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

    def en_attente(self):
        return self.filter(etat=Reservation.Etat.ATTENTE)

    def proposees(self):
        return self.filter(etat=Reservation.Etat.PROPOSEE)

    def avec_inscrit(self):
        """Ajoute ``inscrit`` : ce foyer y inscrit-il l'enfant ce jour-là ? et ``fut_inscrit`` : l'y a-t-il inscrit ?"""
        siennes = Inscription.objects.filter(
            enfant=OuterRef("enfant"), famille=OuterRef("famille"), activite=OuterRef("seance__activite")
        )
        jour = OuterRef("seance__jour")
        inscrits = siennes.filter(etat=Inscription.Etat.VALIDEE, debut__lte=jour, fin__gte=jour)
        return self.annotate(inscrit=Exists(inscrits), fut_inscrit=Exists(siennes))

    def qui_attendent(self):
        """En attente ou proposées, avec leur séance et ``inscrit``."""
        attendent = self.filter(etat__in=[Reservation.Etat.ATTENTE, Reservation.Etat.PROPOSEE])
        return attendent.avec_inscrit().select_related("enfant", "famille", "seance__activite")

    def a_sortir(self, maintenant):
        """Les séances (leurs clés) où une attente peut finir à cet instant ; ``regles.raison_de_sortir`` en décide."""
        attente = Q(etat=Reservation.Etat.ATTENTE) & (
            Q(seance__ouverte=False) | Q(inscrit=False) | Q(seance__activite__place_liberee=PlaceLiberee.AUCUNE)
        )
        echues = Q(seance__limite_reservation__lte=maintenant) | Q(offre_jusqu_a__lte=maintenant)
        return self.qui_attendent().filter(attente | echues).order_by().values_list("seance", flat=True).distinct()


class Reservation(models.Model):
    """Un enfant à une séance, pour le compte du foyer qui paie."""

    class Etat(models.TextChoices):
        RESERVEE = "reservee", "réservée"
        PROPOSEE = "proposee", "place proposée"
        ATTENTE = "attente", "en attente"
        ANNULEE = "annulee", "annulée"

    PRENANTS = [Etat.RESERVEE, Etat.PROPOSEE]

    # Vingt millions de lignes : chacun des deux index ci-dessous commence par sa clé, un troisième serait de trop.
    enfant = models.ForeignKey(
        "familles.Enfant", models.PROTECT, related_name="reservations", verbose_name="enfant", db_index=False
    )
    seance = models.ForeignKey(
        Seance, models.PROTECT, related_name="reservations", verbose_name="séance", db_index=False
    )
    famille = models.ForeignKey("familles.Famille", models.PROTECT, related_name="reservations", verbose_name="famille")
    etat = models.CharField("état", max_length=8, choices=Etat.choices, default=Etat.RESERVEE)
    hors_delai = models.BooleanField("hors délai", default=False)
    modifiee_le = models.DateTimeField(
        "modifiée le", help_text="En attente, rien d'autre ne la change : c'est l'instant de son entrée dans la liste."
    )
    offre_jusqu_a = models.DateTimeField("place proposée jusqu'à", null=True, blank=True)

    objects = ReservationQuerySet.as_manager()

    class Meta:
        verbose_name = "réservation"
        ordering = ["seance__jour", "pk"]
        indexes = [
            models.Index(fields=["seance"], include=["etat", "enfant"], name="reservation_de_la_seance"),
            # Elles sont peu, et les tâches de fond les cherchent toutes les deux minutes.
            models.Index(
                fields=["seance", "modifiee_le"], condition=Q(etat__in=["attente", "proposee"]),
                name="reservation_en_attente",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                name="reservation_unique",
                fields=["enfant", "seance"],
                include=["etat"],  # la semaine d'un enfant se lit dans l'index, sans toucher ses cent lignes
                violation_error_message="Cet enfant a déjà une réservation à cette séance.",
            ),
            models.CheckConstraint(
                name="reservation_etat_connu",
                condition=Q(etat__in=["reservee", "proposee", "attente", "annulee"]),
                violation_error_message="Une réservation est réservée, proposée, en attente ou annulée.",
            ),
            models.CheckConstraint(
                name="reservation_proposee_jusqu_a",
                condition=Q(etat="proposee", offre_jusqu_a__isnull=False)
                | (~Q(etat="proposee") & Q(offre_jusqu_a__isnull=True)),
                violation_error_message="Une place se propose jusqu'à un instant, et rien d'autre n'en a un.",
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
    "foyer": "passé à l'autre foyer",
}
# Sortir de la liste n'est pas annuler : rien n'était réservé.
SORTIES = {
    ("attente", "annulee"): "sorti de la liste d'attente",
    ("proposee", "annulee"): "place laissée",
}


class MouvementQuerySet(models.QuerySet):
    def du_compte(self, compte):
        return self.filter(famille__adultes__compte=compte, famille__adultes__fin=None)

    def defaisables(self):
        """Ce que la famille a réservé ou annulé elle-même, et peut défaire par l'inverse.

        Un jour reçu par un échange n'en est pas : l'annuler ne remettrait pas la garde comme avant.
        """
        siens = self.filter(origine=Mouvement.Origine.PARENT).exclude(avant="foyer")
        return siens.filter(apres__in=[Reservation.Etat.RESERVEE, Reservation.Etat.ANNULEE])

    def complets(self):
        """Avec tout ce qu'une ligne du journal montre, sans une requête de plus."""
        return self.select_related("compte__adulte", "reservation__enfant", "reservation__seance__activite")


class Mouvement(models.Model):
    """Le journal : qui a changé quoi, quand, d'où. On y ajoute, on n'y change rien (la base le refuse).

    ``famille`` est le foyer de la réservation à cet instant, que la base pose elle-même (déclencheur
    ``journal_du_foyer``) : l'autre foyer d'un enfant, qui reprend le jour, n'en lit pas le passé. Un jour qui change
    de foyer laisse une ligne à chacun : « passé à l'autre foyer », et « repris de l'autre foyer ».
    """

    class Origine(models.TextChoices):
        PARENT = "parent", "la famille"
        MAIRIE = "mairie", "la mairie"
        AGENT = "agent", "un agent sur place"
        REGLE = "regle", "une règle du portail"

    lot = models.UUIDField("enregistrement", default=uuid.uuid4, help_text="Commun à ce qui fut enregistré ensemble.")
    reservation = models.ForeignKey(Reservation, models.PROTECT, related_name="mouvements", verbose_name="réservation")
    famille = models.ForeignKey(
        "familles.Famille", models.PROTECT, related_name="+", verbose_name="foyer", editable=False
    )
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
        return regles.numero_de(self.lot)

    @property
    def se_defait(self):
        """Comme ``MouvementQuerySet.defaisables``."""
        reserve_ou_annule = self.apres in (Reservation.Etat.RESERVEE, Reservation.Etat.ANNULEE)
        return self.origine == self.Origine.PARENT and reserve_ou_annule and self.avant != "foyer"

    @property
    def verbe(self):
        """Ce qui est arrivé, en un mot que lit la famille."""
        if self.avant == "foyer":
            return "repris de l'autre foyer"
        return SORTIES.get((self.avant, self.apres)) or VERBES.get(self.apres, self.apres)


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
    certifie_le = models.DateTimeField("justificatif reçu le", null=True, blank=True)
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
                name="excuse_refus_motive", condition=~Q(etat="refusee") | ~Q(reponse=""),
                violation_error_message="Un refus se motive.",
            ),
            models.CheckConstraint(
                name="excuse_certifiee", condition=Q(fichier="") ^ Q(certifie_le__isnull=False),
                violation_error_message="Un justificatif a l'instant où il est arrivé, et lui seul.",
            ),
        ]

    def __str__(self):
        return f"Excuse de {self.reservation}"
