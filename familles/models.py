"""La famille : le foyer, ses adultes, ses enfants, et ce qu'elle a dit d'eux."""

from django.conf import settings
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q

from commune.fichiers import chemin_prive
from commune.models import cle_de_recherche

from .chiffrement import TexteChiffre

TELEPHONE = RegexValidator(
    r"^\+?[0-9][0-9 .\-]{8,18}$",
    "Un numéro de téléphone s'écrit avec dix chiffres, par exemple 06 12 34 56 78.",
)
CODE_POSTAL = RegexValidator(r"^\d{5}$", "Un code postal a cinq chiffres.")


class Civilite(models.TextChoices):
    MADAME = "mme", "Mme"
    MONSIEUR = "m", "M."


class FamilleQuerySet(models.QuerySet):
    def du_compte(self, compte):
        """Le foyer de ce compte : un parent ne voit que le sien."""
        return self.filter(adultes__compte=compte, adultes__fin=None).distinct()

    def a_valider(self):
        return self.filter(statut=Famille.Statut.A_VALIDER)


class Famille(models.Model):
    """Un foyer : une adresse, des adultes, et les factures qu'il paie."""

    class Statut(models.TextChoices):
        EN_CREATION = "en_creation", "en création"
        A_VALIDER = "a_valider", "à valider"
        VALIDEE = "validee", "validée"

    nom = models.CharField("nom", max_length=100)
    adresse = models.CharField("adresse", max_length=200)
    complement = models.CharField("complément d'adresse", max_length=200, blank=True)
    code_postal = models.CharField("code postal", max_length=5, validators=[CODE_POSTAL])
    ville = models.CharField("ville", max_length=100)
    hors_commune = models.BooleanField(
        "hors commune",
        default=False,
        help_text="Le foyer n'habite pas la commune : un autre tarif peut s'appliquer.",
    )
    statut = models.CharField("dossier", max_length=12, choices=Statut.choices, default=Statut.EN_CREATION)
    motif_retour = models.TextField(
        "ce qui manque", blank=True, help_text="Dit à la famille quand son dossier lui est rendu."
    )
    envoyee_le = models.DateTimeField("envoyée le", null=True, blank=True)
    validee_le = models.DateTimeField("validée le", null=True, blank=True)
    creee_le = models.DateTimeField("créée le", auto_now_add=True)
    notes = models.TextField("notes de la mairie", blank=True, help_text="Jamais montrées à la famille.")
    cle = cle_de_recherche("nom")

    objects = FamilleQuerySet.as_manager()

    class Meta:
        verbose_name = "famille"
        ordering = ["nom", "pk"]
        constraints = [
            models.CheckConstraint(
                name="famille_validee_datee",
                condition=~Q(statut="validee") | Q(validee_le__isnull=False),
                violation_error_message="Une famille validée porte la date de sa validation.",
            ),
        ]

    def __str__(self):
        return f"Famille {self.nom}"

    @property
    def est_validee(self):
        return self.statut == self.Statut.VALIDEE


class AdulteQuerySet(models.QuerySet):
    def du_compte(self, compte):
        return self.filter(famille__in=Famille.objects.du_compte(compte))

    def actuels(self):
        return self.filter(fin=None)


class Adulte(models.Model):
    """Un adulte de l'entourage : parent, grand-parent, tante, oncle… avec ou sans compte.

    ``jeton`` est le brouillon dont la fiche est née : envoyé deux fois, il n'en crée qu'une.
    """

    class Lien(models.TextChoices):
        PARENT = "parent", "parent"
        MERE = "mere", "mère"
        PERE = "pere", "père"
        BEAU_PARENT = "beau_parent", "beau-parent"
        GRAND_PARENT = "grand_parent", "grand-parent"
        ONCLE_TANTE = "oncle_tante", "oncle ou tante"
        FRATRIE = "fratrie", "frère ou sœur majeur"
        ASSISTANTE = "assistante", "assistante maternelle"
        TUTEUR = "tuteur", "tuteur légal"
        AUTRE = "autre", "autre"

    famille = models.ForeignKey(Famille, models.PROTECT, related_name="adultes", verbose_name="famille")
    civilite = models.CharField("civilité", max_length=3, choices=Civilite.choices)
    nom = models.CharField("nom", max_length=100)
    prenom = models.CharField("prénom", max_length=100)
    lien = models.CharField("lien avec les enfants", max_length=12, choices=Lien.choices, default=Lien.AUTRE)
    telephone = models.CharField("téléphone", max_length=20, blank=True, validators=[TELEPHONE])
    telephone_travail = models.CharField("téléphone au travail", max_length=20, blank=True, validators=[TELEPHONE])
    responsable_legal = models.BooleanField("responsable légal", default=False)
    compte = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="adulte",
        verbose_name="compte",
    )
    fin = models.DateField("ne fait plus partie de l'entourage depuis", null=True, blank=True)
    jeton = models.UUIDField("brouillon", null=True, unique=True, editable=False)
    cle = cle_de_recherche("prenom", "nom")

    objects = AdulteQuerySet.as_manager()

    class Meta:
        verbose_name = "adulte"
        ordering = ["-responsable_legal", "nom", "prenom", "pk"]

    def __str__(self):
        return f"{self.prenom} {self.nom}"


class EnfantQuerySet(models.QuerySet):
    def de_la_famille(self, famille):
        """Les enfants rattachés à ce foyer, y compris ceux de ses foyers partagés."""
        return self.filter(rattachements__famille=famille, rattachements__fin=None).distinct()

    def du_compte(self, compte):
        return self.filter(
            rattachements__fin=None,
            rattachements__famille__adultes__compte=compte,
            rattachements__famille__adultes__fin=None,
        ).distinct()


class Enfant(models.Model):
    """Un enfant, rattaché à un ou deux foyers.

    ``jeton`` est le brouillon dont la fiche est née : envoyé deux fois, il n'en crée qu'une.
    """

    class Sexe(models.TextChoices):
        FILLE = "f", "fille"
        GARCON = "g", "garçon"

    class Classe(models.TextChoices):
        TPS = "tps", "TPS"
        PS = "ps", "PS"
        MS = "ms", "MS"
        GS = "gs", "GS"
        CP = "cp", "CP"
        CE1 = "ce1", "CE1"
        CE2 = "ce2", "CE2"
        CM1 = "cm1", "CM1"
        CM2 = "cm2", "CM2"
        ULIS = "ulis", "ULIS"

    nom = models.CharField("nom", max_length=100)
    prenom = models.CharField("prénom", max_length=100)
    sexe = models.CharField("sexe", max_length=1, choices=Sexe.choices)
    date_naissance = models.DateField("date de naissance")
    ecole = models.ForeignKey(
        "commune.Ecole", models.PROTECT, null=True, blank=True, related_name="enfants", verbose_name="école"
    )
    classe = models.CharField("classe", max_length=4, choices=Classe.choices, blank=True)
    photo = models.ImageField("photo", upload_to=chemin_prive, blank=True)
    familles = models.ManyToManyField(Famille, through="Rattachement", related_name="enfants")
    cree_le = models.DateTimeField("créé le", auto_now_add=True)
    jeton = models.UUIDField("brouillon", null=True, unique=True, editable=False)
    cle = cle_de_recherche("prenom", "nom")

    objects = EnfantQuerySet.as_manager()

    class Meta:
        verbose_name = "enfant"
        ordering = ["nom", "prenom", "pk"]

    def __str__(self):
        return f"{self.prenom} {self.nom}"


class RattachementQuerySet(models.QuerySet):
    def actuels(self):
        return self.filter(fin=None)

    def termines(self):
        return self.exclude(fin=None)


class Rattachement(models.Model):
    """Le lien d'un enfant à un foyer, avec sa garde. Un enfant a un ou deux foyers, jamais trois.

    ``fin_par`` dit qui l'a terminé : la famille refait ce qu'elle a défait, pas ce que la mairie a fait.
    """

    class Garde(models.TextChoices):
        PLEINE = "pleine", "tout le temps"
        PAIRES = "paires", "semaines paires"
        IMPAIRES = "impaires", "semaines impaires"
        CALENDRIER = "calendrier", "calendrier propre"
        VACANCES = "vacances", "vacances partagées"

    enfant = models.ForeignKey(Enfant, models.PROTECT, related_name="rattachements", verbose_name="enfant")
    famille = models.ForeignKey(Famille, models.PROTECT, related_name="rattachements", verbose_name="famille")
    garde = models.CharField("garde", max_length=10, choices=Garde.choices, default=Garde.PLEINE)
    foyer = models.PositiveSmallIntegerField("foyer", choices=[(1, "premier foyer"), (2, "second foyer")], default=1)
    debut = models.DateField("depuis", null=True, blank=True)
    fin = models.DateField("jusqu'au", null=True, blank=True)
    fin_par = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="terminé par",
    )

    objects = RattachementQuerySet.as_manager()

    class Meta:
        verbose_name = "rattachement"
        ordering = ["enfant", "foyer"]
        constraints = [
            models.UniqueConstraint(
                name="rattachement_unique",
                fields=["enfant", "famille"],
                condition=Q(fin=None),
                violation_error_message="Cet enfant est déjà rattaché à ce foyer.",
            ),
            models.UniqueConstraint(
                name="deux_foyers_au_plus",
                fields=["enfant", "foyer"],
                condition=Q(fin=None),
                violation_error_message="Un enfant a deux foyers au plus.",
            ),
            models.CheckConstraint(
                name="foyer_un_ou_deux",
                condition=Q(foyer__in=[1, 2]),
                violation_error_message="Un enfant a deux foyers au plus.",
            ),
        ]

    def __str__(self):
        return f"{self.enfant} – {self.famille}"


class PersonneAutoriseeQuerySet(models.QuerySet):
    def actuelles(self):
        """Celles dont l'adulte fait encore partie de l'entourage."""
        return self.filter(adulte__fin=None)

    def de_la_famille(self, famille):
        """Celles que ce foyer a désignées : un foyer ne voit pas l'entourage de l'autre."""
        return self.actuelles().filter(adulte__famille=famille)


class PersonneAutorisee(models.Model):
    """Ce qu'un adulte peut pour un enfant : venir le chercher, être prévenu, ou rien du tout."""

    enfant = models.ForeignKey(Enfant, models.CASCADE, related_name="personnes", verbose_name="enfant")
    adulte = models.ForeignKey(Adulte, models.CASCADE, related_name="enfants_confies", verbose_name="adulte")
    recupere = models.BooleanField("peut venir chercher l'enfant", default=False)
    urgence = models.BooleanField("à prévenir en cas d'urgence", default=False)
    interdit = models.BooleanField("ne doit pas approcher l'enfant", default=False)

    objects = PersonneAutoriseeQuerySet.as_manager()

    class Meta:
        verbose_name = "personne autorisée"
        verbose_name_plural = "personnes autorisées"
        ordering = ["adulte__nom", "adulte__prenom"]
        constraints = [
            models.UniqueConstraint(
                name="personne_unique",
                fields=["enfant", "adulte"],
                violation_error_message="Cette personne figure déjà dans l'entourage de l'enfant.",
            ),
            models.CheckConstraint(
                name="interdit_ou_autorise",
                condition=Q(interdit=False) | Q(recupere=False, urgence=False),
                violation_error_message="Une personne ne peut être à la fois interdite et autorisée.",
            ),
        ]

    def __str__(self):
        return f"{self.adulte} pour {self.enfant}"


class FicheSanitaire(models.Model):
    """La santé de l'enfant, chiffrée. Ses lectures par la mairie sont consignées (voir ``LectureFiche``)."""

    class Regime(models.TextChoices):
        NORMAL = "", "aucun régime particulier"
        SANS_PORC = "sans_porc", "sans porc"
        SANS_VIANDE = "sans_viande", "sans viande"

    enfant = models.OneToOneField(Enfant, models.CASCADE, related_name="fiche", verbose_name="enfant")
    allergies = TexteChiffre("allergies", blank=True)
    pai = TexteChiffre(
        "projet d'accueil individualisé (PAI)",
        blank=True,
        help_text="Ce que l'équipe doit savoir et faire. Le document lui-même s'envoie dans « Mes documents ».",
    )
    panier_repas = models.BooleanField("apporte son propre repas (PAI)", default=False)
    regime = TexteChiffre("régime", blank=True)
    medecin = TexteChiffre("médecin traitant", blank=True)
    medecin_telephone = TexteChiffre("téléphone du médecin", blank=True)
    observations = TexteChiffre("autres observations", blank=True)
    modifiee_le = models.DateTimeField("modifiée le", auto_now=True)

    class Meta:
        verbose_name = "fiche sanitaire"
        verbose_name_plural = "fiches sanitaires"

    def __str__(self):
        return f"Fiche sanitaire de {self.enfant}"

    @property
    def nom_du_regime(self):
        return self.Regime(self.regime).label.capitalize()


class LectureFiche(models.Model):
    """Une lecture d'une fiche sanitaire par la mairie : qui, quand, d'où."""

    enfant = models.ForeignKey(Enfant, models.CASCADE, related_name="lectures_fiche", verbose_name="enfant")
    compte = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="lue par")
    lue_le = models.DateTimeField("lue le")
    page = models.CharField("page", max_length=200)

    class Meta:
        verbose_name = "lecture de fiche sanitaire"
        verbose_name_plural = "lectures de fiches sanitaires"
        ordering = ["-lue_le"]

    def __str__(self):
        return f"{self.enfant} lue par {self.compte}"


class AutorisationQuerySet(models.QuerySet):
    def en_vigueur(self):
        """La dernière réponse à chaque question, pour chaque enfant."""
        return self.order_by("enfant_id", "genre", "-donnee_le", "-pk").distinct("enfant_id", "genre")


class Autorisation(models.Model):
    """Une réponse datée de la famille. On n'en modifie aucune : la plus récente vaut."""

    class Genre(models.TextChoices):
        PHOTO = "photo", "être photographié ou filmé pendant les activités"
        SORTIE = "sortie", "rentrer seul"
        SOINS = "soins", "recevoir les soins d'urgence"

    enfant = models.ForeignKey(Enfant, models.CASCADE, related_name="autorisations", verbose_name="enfant")
    genre = models.CharField("autorisation", max_length=6, choices=Genre.choices)
    accordee = models.BooleanField("accordée")
    donnee_le = models.DateTimeField("donnée le")
    compte = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="donnée par"
    )

    objects = AutorisationQuerySet.as_manager()

    class Meta:
        verbose_name = "autorisation"
        ordering = ["enfant", "genre", "-donnee_le", "-pk"]

    def __str__(self):
        return f"{self.get_genre_display()} : {'oui' if self.accordee else 'non'}"


class QuotientQuerySet(models.QuerySet):
    def au(self, jour):
        """Les quotients en vigueur à cette date de Paris."""
        return self.filter(Q(fin=None) | Q(fin__gte=jour), debut__lte=jour)


class Quotient(models.Model):
    """Le quotient familial d'un foyer, avec sa preuve et sa durée (dates de Paris, fin comprise)."""

    famille = models.ForeignKey(Famille, models.CASCADE, related_name="quotients", verbose_name="famille")
    valeur = models.PositiveIntegerField("quotient familial", validators=[MinValueValidator(0)])
    debut = models.DateField("valable du")
    fin = models.DateField("jusqu'au", null=True, blank=True)
    preuve = models.CharField("preuve", max_length=200, help_text="Par exemple « attestation CAF du 02/09/2026 ».")

    objects = QuotientQuerySet.as_manager()

    class Meta:
        verbose_name = "quotient familial"
        verbose_name_plural = "quotients familiaux"
        ordering = ["-debut", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="quotient_dans_l_ordre",
                condition=Q(fin=None) | Q(fin__gte=F("debut")),
                violation_error_message="La fin du quotient ne peut pas précéder son début.",
            ),
        ]

    def __str__(self):
        return f"QF {self.valeur}"
