"""L'enfant : ses foyers, son entourage, ce que sa famille autorise."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from commune.fichiers import chemin_prive
from commune.models import cle_de_recherche

from ..regles import classe_dite, cle_de_division, rang_de_classe
from .foyer import Adulte, Famille


class EnfantQuerySet(models.QuerySet):
    def de_la_famille(self, famille):
        """Les enfants rattachés à ce foyer, y compris ceux de ses foyers partagés."""
        return self.filter(rattachements__famille=famille, rattachements__fin=None).distinct()

    def du_compte(self, compte):
        return self.filter(
            rattachements__fin=None,
            rattachements__famille__adultes__compte=compte,
            rattachements__famille__adultes__fin=None,
        )

    def homonymes(self, enfant):
        """Les autres fiches au même nom et à la même naissance : peut-être le même enfant, chez son autre parent."""
        return self.filter(
            cle=enfant.cle, date_naissance=enfant.date_naissance, rattachements__fin=None, rattachements__isnull=False
        ).exclude(pk=enfant.pk).distinct()  # fmt: skip


class Enfant(models.Model):
    """Un enfant, rattaché à un ou deux foyers.

    ``classe`` est un niveau, que les règles lisent ; ``division``, le groupe ou l'enseignant quand son école en a
    plusieurs classes. ``jeton`` est le brouillon dont la fiche est née : envoyé deux fois, il n'en crée qu'une.
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
    division = models.CharField(
        "groupe", max_length=30, blank=True,
        help_text="A, B, ou le nom de l'enseignant, quand l'école a plusieurs classes de ce niveau.",
    )  # fmt: skip
    photo = models.ImageField("photo", upload_to=chemin_prive, blank=True)
    familles = models.ManyToManyField(Famille, through="Rattachement", related_name="enfants")
    cree_le = models.DateTimeField("créé le", auto_now_add=True)
    jeton = models.UUIDField("brouillon", null=True, unique=True, editable=False)
    cle = cle_de_recherche("prenom", "nom")

    objects = EnfantQuerySet.as_manager()

    class Meta:
        verbose_name = "enfant"
        ordering = ["nom", "prenom", "pk"]
        constraints = [
            models.CheckConstraint(
                name="division_d_une_classe",
                condition=Q(division="") | ~Q(classe=""),
                violation_error_message="Un groupe ne va pas sans la classe.",
            ),
        ]

    def __str__(self):
        return f"{self.prenom} {self.nom}"

    @property
    def classe_dite(self):
        """« CM1 B », « CM1, Mme Petit », « CM1 » ; « » sans classe."""
        return classe_dite(self.get_classe_display(), self.division)

    @property
    def cle_de_classe(self):
        """Ce qui fait une classe : une école, un niveau, un groupe."""
        return self.ecole_id, self.classe, cle_de_division(self.division)

    @property
    def ordre_de_classe(self):
        """Où se range sa classe sur une liste : école, niveau, groupe. Lit l'école, que la liste a déjà."""
        ecole = (self.ecole.ordre, self.ecole.nom) if self.ecole else (1 << 15, "")
        return *ecole, rang_de_classe(self.classe), cle_de_division(self.division)


class RattachementQuerySet(models.QuerySet):
    def actuels(self):
        return self.filter(fin=None)

    def termines(self):
        return self.exclude(fin=None)


class Rattachement(models.Model):
    """Le lien d'un enfant à un foyer. Un enfant a un ou deux foyers, jamais trois ; ``Garde`` dit leurs parts.

    ``fin_par`` dit qui l'a terminé : la famille refait ce qu'elle a défait, pas ce que la mairie a fait.
    """

    enfant = models.ForeignKey(Enfant, models.PROTECT, related_name="rattachements", verbose_name="enfant")
    famille = models.ForeignKey(Famille, models.PROTECT, related_name="rattachements", verbose_name="famille")
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


ROLES = ("recupere", "urgence", "interdit")


class PersonneAutoriseeQuerySet(models.QuerySet):
    def en_cours(self):
        """Ce qui vaut encore, même si l'adulte a quitté l'entourage : il retrouve ses rôles s'il y revient."""
        return self.filter(fin=None)

    def actuelles(self):
        """Celles dont l'adulte fait encore partie de l'entourage."""
        return self.en_cours().filter(adulte__fin=None)

    def de_la_famille(self, famille):
        """Celles que ce foyer a désignées : un foyer ne voit pas l'entourage de l'autre."""
        return self.actuelles().filter(adulte__famille=famille)


class PersonneAutorisee(models.Model):
    """Ce qu'un adulte peut pour un enfant : venir le chercher, être prévenu, ou rien du tout.

    Une ligne ne change pas et ne s'efface pas : elle finit (dates de Paris), et la suivante dit ce qui vaut. Qui a levé
    une interdiction, et quand, se lit donc toujours. Sans ``debut``, elle est plus ancienne que ces dates.
    """

    enfant = models.ForeignKey(Enfant, models.CASCADE, related_name="personnes", verbose_name="enfant")
    adulte = models.ForeignKey(Adulte, models.CASCADE, related_name="enfants_confies", verbose_name="adulte")
    recupere = models.BooleanField("peut venir chercher l'enfant", default=False)
    urgence = models.BooleanField("à prévenir en cas d'urgence", default=False)
    interdit = models.BooleanField("ne doit pas approcher l'enfant", default=False)
    debut = models.DateField("depuis", null=True, blank=True)
    par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="dit par"
    )
    fin = models.DateField("jusqu'au", null=True, blank=True)
    fin_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="terminé par"
    )

    objects = PersonneAutoriseeQuerySet.as_manager()

    class Meta:
        verbose_name = "personne autorisée"
        verbose_name_plural = "personnes autorisées"
        ordering = ["adulte__nom", "adulte__prenom"]
        constraints = [
            models.UniqueConstraint(
                name="personne_unique",
                fields=["enfant", "adulte"],
                condition=Q(fin=None),
                violation_error_message="Cette personne figure déjà dans l'entourage de l'enfant.",
            ),
            models.CheckConstraint(
                name="interdit_ou_autorise",
                condition=Q(interdit=False) | Q(recupere=False, urgence=False),
                violation_error_message="Une personne ne peut être à la fois interdite et autorisée.",
            ),
            models.CheckConstraint(
                name="personne_dans_l_ordre",
                condition=Q(debut=None) | Q(fin=None) | Q(fin__gte=F("debut")),
                violation_error_message="La fin vient avant le début.",
            ),
        ]

    def __str__(self):
        return f"{self.adulte} pour {self.enfant}"

    @property
    def roles(self):
        """Les mots de ce qu'il peut : ``{"recupere", "urgence"}``, ``{"interdit"}``."""
        return {role for role in ROLES if getattr(self, role)}


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
