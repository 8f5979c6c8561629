"""Les factures, leurs lignes et leurs avoirs. La base refuse qu'on y change quoi que ce soit (``0001_gardes.sql``)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.formats import date_format

from commune.fichiers import chemin_prive
from commune.models import AnneeScolaire
from facturation import regles
from facturation.regles.payfip import reference_du_titre
from inscriptions.models import Activite

from .tarifs import Tarif, montant


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
    # Le passage va de foyer en foyer dans l'ordre de leur clé, et note où il en est dans la transaction même qui
    # émet : interrompu n'importe où, il reprend au foyer suivant.
    curseur = models.PositiveBigIntegerField("dernier foyer examiné", default=0, editable=False)
    a_faire = models.PositiveIntegerField("foyers", default=0)
    traites = models.PositiveIntegerField("foyers examinés", default=0)
    faites = models.PositiveIntegerField("factures émises", default=0)
    courriels = models.PositiveIntegerField("courriels d'annonce écrits", default=0, editable=False)
    terminee_le = models.DateTimeField("terminée le", null=True, blank=True)
    # Tel que la régie l'avait réglé au lancement : une reprise émet comme le début.
    seuil = montant("seuil de facturation", default=0, editable=False)
    reportes = models.PositiveIntegerField("foyers reportés", default=0)
    incident = models.CharField("incident", max_length=500, blank=True, editable=False)
    emetteur = models.JSONField(
        "émetteur", default=dict, editable=False,
        help_text="La commune et sa régie ce jour-là, telles que chaque facture du mois les imprime.",
    )

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
        return f"Facturation de {date_format(self.mois, 'F Y')}"


class FactureQuerySet(models.QuerySet):
    def du_compte(self, compte):
        return self.filter(famille__adultes__compte=compte, famille__adultes__fin=None)

    def avec_reste(self):
        """Ajoute ``reste``, ce qu'il reste à payer (euros) : son ``ResteDu``, ou rien."""
        return self.annotate(reste=Coalesce(F("reste_du__montant"), Value(regles.ZERO), output_field=montant("reste")))

    def impayees(self):
        return self.avec_reste().filter(reste_du__isnull=False)

    def soldees(self):
        return self.avec_reste().filter(reste_du__isnull=True)


class Facture(models.Model):
    """Une facture émise. Rien n'y change plus (la base le refuse) : on la corrige par un avoir."""

    exercice = models.PositiveSmallIntegerField("exercice")
    numero = models.PositiveIntegerField("numéro")
    famille = models.ForeignKey("familles.Famille", models.PROTECT, related_name="factures", verbose_name="famille")
    facturation = models.ForeignKey(Facturation, models.PROTECT, related_name="factures", verbose_name="facturation")
    budget = models.ForeignKey(
        "facturation.Budget", models.PROTECT, null=True, blank=True, related_name="factures", verbose_name="budget"
    )
    mois = models.DateField("mois", help_text="Le premier jour du mois facturé.")
    destinataire = models.CharField("destinataire", max_length=200)
    adresse = models.TextField("adresse")
    total = montant("total")
    avance = montant(
        "déjà sur le compte", default=0, help_text="Ce que le compte du foyer tenait pour elle, à son émission."
    )
    emise_le = models.DateTimeField("émise le")
    echeance = models.DateField("à payer avant le")
    rum = models.CharField("mandat prélevé", max_length=35, blank=True)
    preleve_le = models.DateField("prélevée le", null=True, blank=True)
    pdf = models.FileField("PDF", upload_to=chemin_prive, blank=True, editable=False)

    objects = FactureQuerySet.as_manager()

    class Meta:
        verbose_name = "facture"
        ordering = ["-exercice", "-numero"]
        constraints = [
            models.UniqueConstraint(name="facture_numero_unique", fields=["exercice", "numero"]),
            models.UniqueConstraint(
                name="facture_unique_par_mois",
                fields=["famille", "mois", "budget"],
                nulls_distinct=False,
                violation_error_message="Ce foyer a déjà sa facture du mois.",
            ),
            models.CheckConstraint(name="facture_positive", condition=Q(total__gte=0)),
            models.CheckConstraint(
                name="facture_avance_au_plus_son_total",
                condition=Q(avance__gte=0, avance__lte=F("total")),
                violation_error_message="Une facture ne prend du compte que ce qu'elle demande.",
            ),
            models.CheckConstraint(
                name="facture_prelevement_annonce",
                condition=Q(rum="", preleve_le=None) | (~Q(rum="") & Q(preleve_le__isnull=False)),
                violation_error_message="Un prélèvement s'annonce avec son mandat et sa date.",
            ),
        ]

    def __str__(self):
        return f"Facture {self.reference}"

    @property
    def reference(self):
        """« 2026-000042 » : l'exercice et le numéro, comme ils s'impriment."""
        return f"{self.exercice}-{self.numero:06d}"

    @property
    def demande(self):
        """Ce qu'elle demande de payer, ou annonce de débiter (euros) : son total, moins ce que tenait le compte."""
        return self.total - self.avance

    @property
    def emetteur(self):
        """Qui l'émet et comment la payer, tels que le jour de l'émission : la régie, ou ce qu'en change son budget."""
        emetteur = self.facturation.emetteur
        return emetteur | emetteur.get("budgets", {}).get(str(self.budget_id), {})

    @property
    def titre(self):
        """De quoi payer sur le site de la DGFiP (``structure``, ``reference``, ``adresse``), ou ``None``."""
        titre = self.emetteur.get("titre")
        if not titre:
            return None
        return titre | {"reference": reference_du_titre(titre["reference"], self.exercice, self.numero)}

    def enfants(self):
        """Les lignes, rangées pour être lues : ``[(prénom, [Groupe…], sous-total), …]``, l'aîné d'abord."""
        return regles.grouper(self.lignes.order_by("pk"))

    def etat(self, jour):
        """« payee », « a_payer » ou « en_retard » à cette date de Paris ; demande ``avec_reste()``."""
        return regles.etat(self.reste, self.echeance, jour)


class ResteDu(models.Model):
    """Ce qu'il reste à payer d'une facture (euros), tant qu'il en reste.

    La base le tient à chaque écriture (``restes.sql``) : un règlement va d'abord à la facture qu'il désigne ; son
    surplus, les avoirs en trop et les règlements sans facture vont aux factures du foyer les plus anciennes (code
    civil, art. 1342-10).
    """

    facture = models.OneToOneField(
        Facture, models.CASCADE, primary_key=True, related_name="reste_du", verbose_name="facture"
    )
    montant = montant("reste à payer")

    class Meta:
        verbose_name = "reste dû"
        verbose_name_plural = "restes dus"
        constraints = [models.CheckConstraint(name="reste_du_positif", condition=Q(montant__gt=0))]

    def __str__(self):
        return f"{self.facture} : {regles.euros(self.montant)}"


# Une ligne ne porte pas de clé étrangère en base : quatre vérifications par ligne prenaient la moitié du temps d'un
# mois. Le déclencheur « ligne_juste » (``0001_gardes.sql``) vérifie d'un bloc davantage : la facture, l'enfant et la
# séance existent, le jour et l'activité copiés sont les siens. L'ORM, lui, protège toujours (PROTECT).
SANS_CLE = {"db_constraint": False, "db_index": False, "related_name": "+"}


class LigneQuerySet(models.QuerySet):
    def du_compte(self, compte):
        return self.filter(facture__famille__adultes__compte=compte, facture__famille__adultes__fin=None)


class Ligne(models.Model):
    """Une ligne de facture. Elle copie ce qui était vrai le jour de l'émission, et dit pourquoi ce prix."""

    facture = models.ForeignKey(
        Facture, models.PROTECT, db_constraint=False, related_name="lignes", verbose_name="facture"
    )
    enfant = models.ForeignKey("familles.Enfant", models.PROTECT, verbose_name="enfant", **SANS_CLE)
    activite = models.ForeignKey(Activite, models.PROTECT, verbose_name="activité", **SANS_CLE)
    seance = models.ForeignKey("reservations.Seance", models.PROTECT, verbose_name="séance", **SANS_CLE)
    jour = models.DateField("jour")
    prenom = models.CharField("enfant", max_length=200)
    texte = models.CharField("prestation", max_length=200)
    quantite = models.DecimalField("quantité", max_digits=7, decimal_places=2, default=1)
    unite = models.CharField("unité", max_length=5, choices=Tarif.Unite.choices, default=Tarif.Unite.ACTE)
    annee = models.ForeignKey(AnneeScolaire, models.PROTECT, null=True, verbose_name="forfait de l'année", **SANS_CLE)
    garde = montant(
        "dont garde", null=True, blank=True, help_text="Hors repas, pour les attestations. Vide : non partagée."
    )
    prix_unitaire = montant("prix unitaire")
    montant = montant("montant")
    quotient = models.PositiveIntegerField("quotient", null=True)
    regle = models.CharField("pourquoi ce prix", max_length=600)

    objects = LigneQuerySet.as_manager()

    class Meta:
        verbose_name = "ligne"
        ordering = ["prenom", "jour", "pk"]
        constraints = [
            # Le dernier mot : deux foyers d'un enfant, deux mois émis ensemble n'en facturent pas deux.
            models.UniqueConstraint(
                name="forfait_de_l_annee_unique", fields=["annee", "enfant", "activite"],
                condition=Q(annee__isnull=False),
            ),
            models.UniqueConstraint(name="ligne_unique", fields=["seance", "enfant", "facture"]),
            models.CheckConstraint(name="ligne_juste", condition=Q(montant=F("quantite") * F("prix_unitaire"))),
        ]

    def __str__(self):
        return f"{self.texte} du {self.jour:%d/%m/%Y}"

    @property
    def phrase(self):
        return regles.phrase(self.texte, self.jour, self.montant, self.regle)


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
    jeton = models.UUIDField("jeton du formulaire", null=True, unique=True, editable=False)
    evenement = models.ForeignKey(
        "reservations.Evenement", models.PROTECT, null=True, blank=True, related_name="avoirs",
        verbose_name="événement", help_text="Celui qui a annulé, après coup, des jours déjà facturés.",
    )  # fmt: skip

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
        return f"Avoir {self.reference}"

    @property
    def reference(self):
        """« A2026-000007 » : la série des avoirs a son propre compteur."""
        return f"A{self.exercice}-{self.numero:06d}"


class LigneRendue(models.Model):
    """Une ligne de facture qu'un avoir rend en entier : la base refuse qu'un second la rende."""

    ligne = models.OneToOneField(Ligne, models.PROTECT, related_name="rendue", verbose_name="ligne")
    avoir = models.ForeignKey(Avoir, models.PROTECT, related_name="lignes", verbose_name="avoir")

    class Meta:
        verbose_name = "ligne rendue"
        verbose_name_plural = "lignes rendues"
        ordering = ["pk"]

    def __str__(self):
        return f"{self.ligne}, rendue par l'{self.avoir}"


class LigneCorrigee(models.Model):
    """Ce qu'un avoir rend d'une ligne, une part et non la ligne entière : son quotient est arrivé après coup, ou la
    mairie a accepté en partie qu'elle soit contestée.

    Négatif pour une ligne que ce quotient renchérit : l'avoir est la somme des unes et des autres. La base refuse que
    les parts d'une ligne la dépassent (``0005_precisions.sql``).
    """

    ligne = models.ForeignKey(Ligne, models.PROTECT, related_name="corrections", verbose_name="ligne")
    avoir = models.ForeignKey(Avoir, models.PROTECT, related_name="corrections", verbose_name="avoir")
    montant = montant("montant rendu")
    quotient = models.PositiveIntegerField(
        "quotient retenu", null=True, help_text="Vide : ce n'est pas un quotient, mais une contestation acceptée."
    )
    regle = models.CharField("pourquoi cette part", max_length=600)

    class Meta:
        verbose_name = "ligne corrigée"
        verbose_name_plural = "lignes corrigées"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="ligne_corrigee_une_fois_par_avoir", fields=["ligne", "avoir"]),
            models.CheckConstraint(name="ligne_corrigee_change", condition=~Q(montant=0)),
        ]

    def __str__(self):
        return f"{self.ligne}, corrigée par l'{self.avoir}"
