"""L'argent reçu : les règlements, les mandats de prélèvement, et la régie qui encaisse."""

from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator, URLValidator
from django.db import models
from django.db.models import F, Max, Q
from stdnum import bic, iban

from commune.fichiers import chemin_prive
from commune.requetes import poser
from facturation import regles
from facturation.banques import banque
from facturation.regles import payfip as regles_payfip
from facturation.regles.prelevements import VERSIONS, caduc_le

from .factures import Facture
from .tarifs import montant


class ReglementQuerySet(models.QuerySet):
    def du_compte(self, compte):
        return self.filter(famille__adultes__compte=compte, famille__adultes__fin=None)

    def valables(self):
        """Ceux qui comptent : un chèque rejeté ou une saisie erronée s'annulent, ils ne s'effacent pas."""
        return self.filter(annule_le=None)

    def a_deposer(self):
        """Ce que la caisse tient encore : ni annulé, ni sur un bordereau."""
        return self.valables().filter(moyen__in=Reglement.EN_CAISSE, depose=None)


class Reglement(models.Model):
    """Un paiement reçu, saisi par la régie."""

    class Moyen(models.TextChoices):
        CHEQUE = "cheque", "chèque"
        ESPECES = "especes", "espèces"
        VIREMENT = "virement", "virement"
        PRELEVEMENT = "prelevement", "prélèvement"
        PAYFIP = "payfip", "paiement en ligne"
        CESU = "cesu", "CESU préfinancé"
        ANCV = "ancv", "chèque-vacances ANCV"

    # Des titres : un émetteur, un nombre et une valeur faciale ; leurs numéros sont la référence.
    TITRES = [Moyen.CESU, Moyen.ANCV]
    # Ceux que la régie saisit ; un paiement en ligne ne s'écrit que d'après la réponse de PayFiP.
    SAISIS = [Moyen.CHEQUE, Moyen.ESPECES, Moyen.VIREMENT, Moyen.PRELEVEMENT, *TITRES]
    # Ce que la caisse tient, dépose et compte ; le reste arrive sur le compte bancaire, et se lit sur son relevé.
    EN_CAISSE = [Moyen.CHEQUE, Moyen.ESPECES, *TITRES]

    famille = models.ForeignKey("familles.Famille", models.PROTECT, related_name="reglements", verbose_name="famille")
    facture = models.ForeignKey(
        Facture, models.PROTECT, null=True, blank=True, related_name="reglements", verbose_name="facture"
    )
    moyen = models.CharField("moyen", max_length=11, choices=Moyen.choices)
    montant = montant("montant")
    recu_le = models.DateField("reçu le")
    reference = models.CharField("référence", max_length=100, blank=True, help_text="Numéro du chèque, du virement…")
    emetteur = models.CharField("émetteur des titres", max_length=60, blank=True)
    nombre = models.PositiveSmallIntegerField("nombre de titres", null=True, blank=True)
    valeur = models.DecimalField("valeur faciale", max_digits=10, decimal_places=2, null=True, blank=True)
    saisi_le = models.DateTimeField("saisi le")
    saisi_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="saisi par"
    )
    annule_le = models.DateTimeField("annulé le", null=True, blank=True)
    annule_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="annulé par"
    )
    motif_annulation = models.CharField(
        "motif de l'annulation", max_length=300, blank=True, help_text="Chèque rejeté, erreur de saisie…"
    )
    jeton = models.UUIDField("jeton du formulaire", null=True, unique=True, editable=False)

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
            models.CheckConstraint(
                name="reglement_annulation_motivee",
                condition=Q(annule_le=None) | ~Q(motif_annulation=""),
                violation_error_message="L'annulation d'un règlement se motive.",
            ),
            models.CheckConstraint(
                name="reglement_titres",
                condition=(
                    Q(moyen__in=["cesu", "ancv"], nombre__gte=1, valeur__gt=0, montant=F("nombre") * F("valeur"))
                    & ~Q(emetteur="") & ~Q(reference="")
                    | ~Q(moyen__in=["cesu", "ancv"]) & Q(nombre=None, valeur=None, emetteur="")
                ),
                violation_error_message="Des titres ont leur émetteur, leurs numéros, leur nombre et leur valeur, qui "
                "font le montant.",
            ),
        ]

    def __str__(self):
        return f"{self.get_moyen_display()} de {regles.euros(self.montant)}"

    @property
    def recu_numero(self):
        """« R000042 » : ce que porte le reçu."""
        return f"R{self.pk:06d}"

    @property
    def titres(self):
        """« 3 × 10,00 €, émetteur » pour des titres, sinon rien."""
        return f"{self.nombre} × {regles.euros(self.valeur)}, {self.emetteur}" if self.nombre else ""


def iban_valide(valeur):
    """Refuse un IBAN mal copié (clé de contrôle, norme ISO 13616)."""
    if not iban.is_valid(valeur):
        raise ValidationError("Cet IBAN n'est pas valide : vérifiez chaque chiffre.", code="iban")


def bic_valide(valeur):
    """Refuse un BIC mal copié (norme ISO 9362)."""
    if not bic.is_valid(valeur):
        raise ValidationError("Ce BIC n'est pas valide : huit ou onze lettres et chiffres.", code="bic")


class MandatQuerySet(models.QuerySet):
    def actifs(self):
        return self.filter(revoque_le=None)

    def avec_service(self):
        """Ajoute ``servi_le``, la date du dernier prélèvement remis sur ce mandat (ou rien)."""
        remis = Q(prelevements__etat__in=["remis", "rejete"])
        return self.annotate(servi_le=Max("prelevements__lot__jour", filter=remis))

    def prelevables(self, jour):
        """Ceux (une liste) que l'on pourra débiter à cette date de Paris : ni révoqués, ni suspendus, ni caducs."""
        vivants = self.actifs().filter(suspendu_le=None).avec_service()
        return [mandat for mandat in vivants if jour < caduc_le(mandat.servi_le or mandat.signe_le)]


class Mandat(models.Model):
    """Un mandat de prélèvement SEPA signé par la famille."""

    famille = models.ForeignKey("familles.Famille", models.PROTECT, related_name="mandats", verbose_name="famille")
    rum = models.CharField("référence unique du mandat", max_length=35, unique=True)
    titulaire = models.CharField("titulaire du compte", max_length=140)
    iban = models.CharField("IBAN", max_length=34, validators=[iban_valide])
    signe_le = models.DateField("signé le")
    revoque_le = models.DateField("révoqué le", null=True, blank=True)
    suspendu_le = models.DateField(
        "suspendu le", null=True, blank=True, help_text="Un rejet a dit qu'il ne peut plus servir."
    )
    papier = models.FileField("mandat signé, numérisé", upload_to=chemin_prive, blank=True)

    objects = MandatQuerySet.as_manager()

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
            models.CheckConstraint(
                name="mandat_dans_l_ordre",
                condition=Q(revoque_le=None) | Q(revoque_le__gte=F("signe_le")),
                violation_error_message="Un mandat ne se révoque pas avant d'être signé.",
            ),
        ]

    def __str__(self):
        return self.rum

    @property
    def iban_masque(self):
        return regles.masquer(self.iban)

    @property
    def banque(self):
        return banque(self.iban)


class Regie(models.Model):
    """Qui encaisse : ce que la facture dit de la façon de payer. Vide, elle renvoie au service de la commune."""

    nom = models.CharField("nom", max_length=100, default="Régie périscolaire")
    emetteur = models.CharField(
        "émetteur", max_length=150, blank=True,
        help_text="Le nom et la qualité de qui émet les factures : « Claire Martin, maire ».",
    )
    mention_tva = models.CharField(
        "mention de TVA", max_length=200, blank=True,
        help_text="Imprimée au bas des factures émises ensuite, telle que votre comptable vous la donne. Vide : rien.",
    )  # fmt: skip
    cheque_ordre = models.CharField("ordre des chèques", max_length=100, blank=True)
    iban = models.CharField("IBAN pour les virements", max_length=34, blank=True, validators=[iban_valide])
    accueil = models.TextField("où et quand payer", blank=True, help_text="Adresse et heures du guichet.")
    titres_cesu = models.BooleanField("accepter les CESU préfinancés", default=False)
    titres_cesu_repas = models.BooleanField(
        "un CESU peut payer un repas", default=False,
        help_text="Non : un CESU désigne sa facture, et n'en paie que la part de garde. Votre comptable le sait.",
    )
    titres_ancv = models.BooleanField("accepter les chèques-vacances", default=False)
    fonds_de_caisse = montant(
        "fonds de caisse", default=regles.ZERO, validators=[MinValueValidator(regles.ZERO)],
        help_text="Les espèces que la caisse tenait le matin de sa première journée close (euros).",
    )
    delai_contestation = models.PositiveSmallIntegerField(
        "délai pour contester une ligne (jours)", default=regles.CONTESTER, validators=[MinValueValidator(1)],
        help_text="Compté depuis l'émission de la facture.",
    )
    delai_reponse = models.PositiveSmallIntegerField(
        "délai de réponse à une contestation (jours)", default=regles.REPONDRE, validators=[MinValueValidator(1)],
        help_text="Promis à la famille quand elle envoie ; celles qui attendent sont en tête de liste.",
    )
    delai = models.PositiveSmallIntegerField(
        "délai de paiement (jours)", default=regles.DELAI, validators=[MinValueValidator(1)],
        help_text="L'échéance proposée à chaque facturation. Un prélèvement s'annonce 14 jours avant.",
    )
    seuil = montant(
        "seuil de facturation", default=regles.SEUIL, validators=[MinValueValidator(regles.ZERO)],
        help_text="En euros. Sous cette somme, le mois d'un foyer attend sa prochaine facture ; décembre et un départ "
        "émettent tout. 0 : chaque mois se facture.",
    )  # fmt: skip

    class EnLigne(models.TextChoices):
        REGIE = "regie", "oui : la famille paie sur le portail (service « régie »)"
        TITRE = "titre", "oui, par titres : la facture porte de quoi payer sur le site de la DGFiP (PayFiP Titre)"

    payfip = models.CharField(
        "paiement en ligne", max_length=5, blank=True, choices=[("", "non"), *EnLigne.choices],
        help_text="Le portail ouvre le paiement lui-même, ou n'imprime qu'une référence si la dette est déjà un titre.",
    )  # fmt: skip
    payfip_client = models.CharField(
        "numéro de client PayFiP", max_length=6, blank=True, validators=[RegexValidator(r"^\d{6}$")],
        help_text="Service « régie » : six chiffres, donnés par la DGFiP.",
    )
    payfip_saisie = models.CharField(
        "étape PayFiP", max_length=1, default="T",
        choices=[("T", "essais"), ("X", "activation"), ("W", "production")],
        help_text="Essais et activation se font avec la DGFiP ; les familles ne paient en ligne qu'en production.",
    )  # fmt: skip
    payfip_essai = models.EmailField(
        "compte d'essai", blank=True,
        help_text="Avant la production, seul ce compte de famille voit « Payer ». Un essai payé s'écrit comme un "
        "règlement : annulez-le ensuite, avec sa raison.",
    )
    titre_structure = models.CharField(
        "identifiant de la structure", max_length=20, blank=True,
        help_text="PayFiP Titre : tel que votre comptable public vous l'a donné ; imprimé sur la facture.",
    )
    titre_reference = models.CharField(
        "référence du titre", max_length=60, default="{facture}",
        help_text="Ce que la famille recopie sur le site : {exercice}, {numero} et {facture} y sont remplacés.",
    )
    titre_adresse = models.CharField(
        "page de paiement de la DGFiP", max_length=200, default="https://www.payfip.gouv.fr",
        validators=[URLValidator(schemes=["https"])],
    )  # fmt: skip

    api_particulier = models.BooleanField(
        "demander les quotients à la CAF et à la MSA", default=False,
        help_text="Par API Particulier, avec l'accord de la famille. Demande un jeton (API_PARTICULIER_JETON) et le "
        "SIRET de la commune ; l'attestation papier reste toujours possible.",
    )  # fmt: skip
    quotient_mois = models.PositiveSmallIntegerField(
        "un quotient récupéré vaut (mois)", default=12, validators=[MinValueValidator(1)],
        help_text="À partir du mois qu'il dit. Ensuite, la tranche la plus haute s'applique jusqu'au suivant.",
    )  # fmt: skip
    relance_seuil = montant(
        "ne pas relancer en dessous de", default=Decimal("5.00"), validators=[MinValueValidator(regles.ZERO)],
        help_text="Ce que doit un foyer, ses factures en retard ensemble (euros).",
    )
    relance_intervalle = models.PositiveSmallIntegerField(
        "jours entre deux relances d'un foyer", default=10, validators=[MinValueValidator(1)],
    )
    relance_auto = models.BooleanField(
        "relancer automatiquement", default=False,
        help_text="Chaque matin, sans que la régie regarde. Non : elle lit l'aperçu, puis envoie.",
    )
    echeancier_mois = models.PositiveSmallIntegerField(
        "mois qu'une famille peut demander", default=6,
        validators=[MinValueValidator(2), MaxValueValidator(24)],
        help_text="La régie peut accorder davantage, jusqu'à vingt-quatre échéances.",
    )
    echeancier_tolerance = models.PositiveSmallIntegerField(
        "jours de retard avant qu'un échéancier soit rompu", default=10,
        help_text="Rompu, il ne protège plus des relances ; payer le retard le remet en règle.",
    )
    tresor_seuil = montant(
        "ne rien transmettre en dessous de", default=Decimal("15.00"), validators=[MinValueValidator(regles.ZERO)],
        help_text="Ce que doit un foyer, ses dettes ensemble (euros). Plus petites, elles se gardent.",
    )
    tresor_delai = models.PositiveSmallIntegerField("jours laissés après la dernière relance", default=15)
    tresor_ou = models.TextField(
        "où payer au Trésor public", blank=True,
        help_text="Montré à la famille dont une dette est transmise : adresse, téléphone, site.",
    )

    sepa_version = models.CharField(
        "format du fichier de prélèvements", max_length=2, choices=VERSIONS, default="02",
        help_text="Celui que demande votre comptable public ou votre banque.",
    )  # fmt: skip
    sepa_bic = models.CharField(
        "BIC du compte qui reçoit", max_length=11, blank=True, validators=[bic_valide],
        help_text="Celui de l'IBAN ci-dessus. L'identifiant créancier (ICS) est sur la fiche de la commune.",
    )  # fmt: skip
    sepa_identifiant = models.CharField(
        "identifiant du fichier", max_length=20, blank=True, validators=[RegexValidator(r"^[A-Za-z0-9]*$")],
        help_text="Donné par le Trésor ; il commence le nom du fichier : « identifiant-DFT-SDD-… ».",
    )  # fmt: skip

    class Meta:
        verbose_name = "régie"
        constraints = [
            models.CheckConstraint(name="regie_delai_positif", condition=Q(delai__gte=1)),
            models.CheckConstraint(
                name="regie_quotient_vaut_un_temps",
                condition=Q(quotient_mois__gte=1),
                violation_error_message="Un quotient récupéré vaut au moins un mois.",
            ),
            models.CheckConstraint(
                name="regie_delais_de_contestation", condition=Q(delai_contestation__gte=1, delai_reponse__gte=1)
            ),
            models.CheckConstraint(
                name="regie_recouvrement",
                condition=Q(relance_seuil__gte=0, relance_intervalle__gte=1, tresor_seuil__gte=0),
                violation_error_message="Les seuils sont positifs, et deux relances ne se font pas le même jour.",
            ),
            models.CheckConstraint(
                name="regie_client_payfip",
                condition=Q(payfip_client__regex=r"^(\d{6})?$"),
                violation_error_message="Le numéro de client PayFiP a six chiffres.",
            ),
            models.CheckConstraint(
                name="regie_en_ligne_complete",
                condition=(~Q(payfip="regie") | ~Q(payfip_client="")) & (~Q(payfip="titre") | ~Q(titre_structure="")),
                violation_error_message="Pour payer en ligne : le numéro de client PayFiP, ou pour des titres "
                "l'identifiant de la structure.",
            ),
        ]

    def __str__(self):
        return self.nom

    @classmethod
    def courante(cls):
        """La régie de la commune ; ses réglages par défaut avant l'installation."""
        return next(iter(poser(_regies)), None) or cls()

    def clean(self):
        try:
            regles_payfip.reference_du_titre(self.titre_reference, 2026, 1)
        except ValueError as refus:
            mots = "Les seuls mots remplacés sont {exercice}, {numero} et {facture}."
            raise ValidationError({"titre_reference": mots}, code="titre_reference") from refus

    def paie_en_ligne(self, compte):
        """Ce compte de famille peut-il payer sur le portail ? Avant la production, seul le compte d'essai."""
        en_production = self.payfip_saisie == regles_payfip.PRODUCTION
        essai = self.payfip_essai and compte.email.lower() == self.payfip_essai.lower()
        return self.payfip == self.EnLigne.REGIE and bool(en_production or essai)


def _regies():
    return Regie.objects.order_by("pk")[:1]
