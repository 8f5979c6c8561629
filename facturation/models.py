"""Le tarif, la facture et le règlement. Tout montant est en euros, ``Decimal``, deux décimales."""

from decimal import Decimal

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, RangeBoundary
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value

from commune.models import DateRange
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


class Tranche(models.Model):
    """Un seuil de quotient et son prix. Un seul seuil par tranche : il ne peut pas rester de trou.

    La tranche sans seuil est la plus haute ; c'est aussi celle des familles sans quotient connu.
    """

    tarif = models.ForeignKey(Tarif, models.CASCADE, related_name="tranches", verbose_name="tarif")
    jusqu_a = models.PositiveIntegerField("quotient jusqu'à", null=True, blank=True, help_text="Compris. Vide : au-delà.")
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
                condition=Q(cas="fratrie", rang__gte=2) | (~Q(cas="fratrie") & Q(rang=None)),
                violation_error_message="Un ajustement de fratrie dit à partir de quel enfant (2 ou plus), les autres non.",
            ),
        ]

    def __str__(self):
        return self.get_cas_display()


class Compteur(models.Model):
    """Le dernier numéro donné dans une série et un exercice.

    La ligne se verrouille au moment d'émettre : une séquence PostgreSQL laisserait des trous.
    """

    serie = models.CharField("série", max_length=10)
    exercice = models.PositiveSmallIntegerField("exercice")
    dernier = models.PositiveIntegerField("dernier numéro", default=0)

    class Meta:
        verbose_name = "compteur"
        constraints = [models.UniqueConstraint(name="compteur_unique", fields=["serie", "exercice"])]

    def __str__(self):
        return f"{self.serie} {self.exercice} : {self.dernier}"


class Facturation(models.Model):
    """Le passage d'un mois : lancé, suivi, repris s'il fut interrompu."""

    mois = models.DateField("mois", unique=True, help_text="Le premier jour du mois.")
    echeance = models.DateField("à payer avant le")
    lancee_le = models.DateTimeField("lancée le")
    lancee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="lancée par"
    )
    a_faire = models.PositiveIntegerField("foyers", default=0)
    faites = models.PositiveIntegerField("factures émises", default=0)
    terminee_le = models.DateTimeField("terminée le", null=True, blank=True)

    class Meta:
        verbose_name = "facturation du mois"
        verbose_name_plural = "facturations du mois"
        ordering = ["-mois"]
        constraints = [
            models.CheckConstraint(
                name="facturation_premier_du_mois",
                condition=Q(mois__day=1),
                violation_error_message="Le mois se dit par son premier jour.",
            ),
        ]

    def __str__(self):
        return f"Facturation de {self.mois:%m/%Y}"


class FactureQuerySet(models.QuerySet):
    def du_compte(self, compte):
        return self.filter(famille__adultes__compte=compte, famille__adultes__fin=None)


class Facture(models.Model):
    """Une facture émise. Rien n'y change plus (la base le refuse) : on la corrige par un avoir."""

    exercice = models.PositiveSmallIntegerField("exercice")
    numero = models.PositiveIntegerField("numéro")
    famille = models.ForeignKey("familles.Famille", models.PROTECT, related_name="factures", verbose_name="famille")
    facturation = models.ForeignKey(Facturation, models.PROTECT, related_name="factures", verbose_name="facturation")
    mois = models.DateField("mois", help_text="Le premier jour du mois facturé.")
    destinataire = models.CharField("destinataire", max_length=200)
    adresse = models.TextField("adresse")
    total = montant("total")
    emise_le = models.DateTimeField("émise le")
    echeance = models.DateField("à payer avant le")
    pdf = models.FileField("PDF", upload_to="factures/", blank=True, editable=False)

    objects = FactureQuerySet.as_manager()

    class Meta:
        verbose_name = "facture"
        ordering = ["-exercice", "-numero"]
        constraints = [
            models.UniqueConstraint(name="facture_numero_unique", fields=["exercice", "numero"]),
            models.UniqueConstraint(
                name="facture_unique_par_mois",
                fields=["famille", "mois"],
                violation_error_message="Ce foyer a déjà sa facture du mois.",
            ),
            models.CheckConstraint(name="facture_positive", condition=Q(total__gte=0)),
        ]

    def __str__(self):
        return f"Facture {self.reference}"

    @property
    def reference(self):
        """« 2026-000042 » : l'exercice et le numéro, comme ils s'impriment."""
        return f"{self.exercice}-{self.numero:06d}"


class Ligne(models.Model):
    """Une ligne de facture. Elle copie ce qui était vrai le jour de l'émission, et dit pourquoi ce prix."""

    facture = models.ForeignKey(Facture, models.PROTECT, related_name="lignes", verbose_name="facture")
    enfant = models.ForeignKey("familles.Enfant", models.PROTECT, related_name="+", verbose_name="enfant")
    activite = models.ForeignKey(Activite, models.PROTECT, related_name="+", verbose_name="activité")
    seance = models.ForeignKey("reservations.Seance", models.PROTECT, related_name="+", verbose_name="séance")
    jour = models.DateField("jour")
    prenom = models.CharField("enfant", max_length=200)
    texte = models.CharField("prestation", max_length=200)
    quantite = models.DecimalField("quantité", max_digits=7, decimal_places=2, default=1)
    prix_unitaire = montant("prix unitaire")
    montant = montant("montant")
    quotient = models.PositiveIntegerField("quotient", null=True)
    regle = models.CharField("pourquoi ce prix", max_length=300)

    class Meta:
        verbose_name = "ligne"
        ordering = ["prenom", "jour", "pk"]
        constraints = [
            models.UniqueConstraint(name="ligne_unique", fields=["enfant", "seance", "facture"]),
            models.CheckConstraint(name="ligne_juste", condition=Q(montant=F("quantite") * F("prix_unitaire"))),
        ]

    def __str__(self):
        return f"{self.texte} du {self.jour:%d/%m/%Y}"


class AvoirQuerySet(models.QuerySet):
    def du_compte(self, compte):
        return self.filter(facture__famille__adultes__compte=compte, facture__famille__adultes__fin=None)


class Avoir(models.Model):
    """La correction d'une facture émise : un montant rendu, positif, avec sa raison."""

    exercice = models.PositiveSmallIntegerField("exercice")
    numero = models.PositiveIntegerField("numéro")
    facture = models.ForeignKey(Facture, models.PROTECT, related_name="avoirs", verbose_name="facture")
    montant = montant("montant rendu")
    motif = models.CharField("motif", max_length=300)
    emis_le = models.DateTimeField("émis le")
    emis_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="émis par"
    )

    objects = AvoirQuerySet.as_manager()

    class Meta:
        verbose_name = "avoir"
        ordering = ["-exercice", "-numero"]
        constraints = [
            models.UniqueConstraint(name="avoir_numero_unique", fields=["exercice", "numero"]),
            models.CheckConstraint(
                name="avoir_positif",
                condition=Q(montant__gt=0),
                violation_error_message="Un avoir rend un montant positif.",
            ),
        ]

    def __str__(self):
        return f"Avoir A{self.exercice}-{self.numero:06d}"


class ReglementQuerySet(models.QuerySet):
    def du_compte(self, compte):
        return self.filter(famille__adultes__compte=compte, famille__adultes__fin=None)


class Reglement(models.Model):
    """Un paiement reçu, saisi par la régie."""

    class Moyen(models.TextChoices):
        CHEQUE = "cheque", "chèque"
        ESPECES = "especes", "espèces"
        VIREMENT = "virement", "virement"
        PRELEVEMENT = "prelevement", "prélèvement"

    famille = models.ForeignKey("familles.Famille", models.PROTECT, related_name="reglements", verbose_name="famille")
    facture = models.ForeignKey(
        Facture, models.PROTECT, null=True, blank=True, related_name="reglements", verbose_name="facture"
    )
    moyen = models.CharField("moyen", max_length=11, choices=Moyen.choices)
    montant = montant("montant")
    recu_le = models.DateField("reçu le")
    reference = models.CharField("référence", max_length=100, blank=True, help_text="Numéro du chèque, du virement…")
    saisi_le = models.DateTimeField("saisi le")
    saisi_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="saisi par"
    )

    objects = ReglementQuerySet.as_manager()

    class Meta:
        verbose_name = "règlement"
        ordering = ["-recu_le", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="reglement_positif",
                condition=Q(montant__gt=0),
                violation_error_message="Un règlement est un montant positif.",
            ),
        ]

    def __str__(self):
        return f"{self.get_moyen_display()} de {self.montant} €"


class Mandat(models.Model):
    """Un mandat de prélèvement SEPA signé par la famille."""

    famille = models.ForeignKey("familles.Famille", models.PROTECT, related_name="mandats", verbose_name="famille")
    rum = models.CharField("référence unique du mandat", max_length=35, unique=True)
    titulaire = models.CharField("titulaire du compte", max_length=140)
    iban = models.CharField("IBAN", max_length=34)
    signe_le = models.DateField("signé le")
    revoque_le = models.DateField("révoqué le", null=True, blank=True)

    class Meta:
        verbose_name = "mandat de prélèvement"
        verbose_name_plural = "mandats de prélèvement"
        ordering = ["-signe_le"]
        constraints = [
            models.UniqueConstraint(
                name="un_mandat_actif",
                fields=["famille"],
                condition=Q(revoque_le=None),
                violation_error_message="Cette famille a déjà un mandat en cours.",
            ),
        ]

    def __str__(self):
        return self.rum
