"""Les documents : ce que la mairie attend, ce que la famille envoie, ce que la mairie met à disposition."""

from django.conf import settings
from django.db import models
from django.db.models import Q


class TypePieceQuerySet(models.QuerySet):
    def actifs(self):
        return self.filter(actif=True)


class TypePiece(models.Model):
    """Une pièce attendue, de la famille ou de chaque enfant."""

    class Portee(models.TextChoices):
        FAMILLE = "famille", "par famille"
        ENFANT = "enfant", "par enfant"

    class Condition(models.TextChoices):
        TOUJOURS = "toujours", "toujours"
        GARDE_PARTAGEE = "garde", "si la garde est partagée"
        PAI = "pai", "si l'enfant a un PAI"
        PRELEVEMENT = "prelevement", "si la famille choisit le prélèvement"

    nom = models.CharField("nom", max_length=150, unique=True)
    portee = models.CharField("demandée", max_length=7, choices=Portee.choices)
    obligatoire = models.BooleanField("obligatoire", default=True)
    condition = models.CharField("condition", max_length=11, choices=Condition.choices, default=Condition.TOUJOURS)
    validite = models.PositiveSmallIntegerField(
        "validité (mois)", null=True, blank=True, help_text="À compter de la validation. Vide : sans limite."
    )
    aide = models.CharField("aide", max_length=300, blank=True)
    modele = models.FileField("modèle à remplir", upload_to="modeles/", blank=True)
    ordre = models.PositiveSmallIntegerField("ordre", default=0)
    actif = models.BooleanField("demandée en ce moment", default=True)

    objects = TypePieceQuerySet.as_manager()

    class Meta:
        verbose_name = "pièce attendue"
        verbose_name_plural = "pièces attendues"
        ordering = ["portee", "ordre", "nom"]

    def __str__(self):
        return self.nom


class PieceQuerySet(models.QuerySet):
    def du_compte(self, compte):
        return self.filter(famille__adultes__compte=compte, famille__adultes__fin=None)

    def a_verifier(self):
        return self.filter(etat=Piece.Etat.ENVOYEE)

    def valables(self, jour):
        """Les pièces validées qui n'ont pas expiré à cette date de Paris."""
        return self.filter(Q(expire_le=None) | Q(expire_le__gte=jour), etat=Piece.Etat.VALIDEE)


class Piece(models.Model):
    """Une pièce envoyée. Plusieurs photos deviennent les pages d'un seul PDF."""

    class Etat(models.TextChoices):
        ENVOYEE = "envoyee", "envoyée"
        VALIDEE = "validee", "validée"
        REFUSEE = "refusee", "refusée"

    type = models.ForeignKey(TypePiece, models.PROTECT, related_name="pieces", verbose_name="pièce")
    famille = models.ForeignKey("familles.Famille", models.CASCADE, related_name="pieces", verbose_name="famille")
    enfant = models.ForeignKey(
        "familles.Enfant", models.CASCADE, null=True, blank=True, related_name="pieces", verbose_name="enfant"
    )
    fichier = models.FileField("fichier", upload_to="pieces/")
    nom = models.CharField("nom du fichier", max_length=200)
    pages = models.PositiveSmallIntegerField("pages", default=1)
    etat = models.CharField("état", max_length=7, choices=Etat.choices, default=Etat.ENVOYEE)
    motif = models.CharField("motif du refus", max_length=300, blank=True)
    expire_le = models.DateField("expire le", null=True, blank=True)
    envoyee_le = models.DateTimeField("envoyée le")
    envoyee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="envoyée par"
    )
    decidee_le = models.DateTimeField("décidée le", null=True, blank=True)
    decidee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="décidée par"
    )

    objects = PieceQuerySet.as_manager()

    class Meta:
        verbose_name = "pièce envoyée"
        verbose_name_plural = "pièces envoyées"
        ordering = ["-envoyee_le", "-pk"]
        indexes = [models.Index(fields=["envoyee_le"], condition=Q(etat="envoyee"), name="piece_a_verifier")]
        constraints = [
            models.CheckConstraint(
                name="refus_motive",
                condition=~Q(etat="refusee") | ~Q(motif=""),
                violation_error_message="Un refus se motive : la famille doit savoir quoi renvoyer.",
            ),
        ]

    def __str__(self):
        return f"{self.type} – {self.enfant or self.famille}"


class InformationQuerySet(models.QuerySet):
    def publiees(self, jour):
        """Celles que l'on montre à cette date de Paris."""
        return self.filter(Q(jusqu_au=None) | Q(jusqu_au__gte=jour), publiee_le__lte=jour)

    def publiques(self, jour):
        return self.publiees(jour).filter(publique=True)


class Information(models.Model):
    """Ce que la mairie met à disposition : règlement intérieur et financier, menus, mandat à remplir…"""

    titre = models.CharField("titre", max_length=150)
    texte = models.TextField("texte", blank=True)
    fichier = models.FileField("fichier", upload_to="informations/", blank=True)
    publique = models.BooleanField("visible sans se connecter", default=False)
    publiee_le = models.DateField("publiée le")
    jusqu_au = models.DateField("jusqu'au", null=True, blank=True)

    objects = InformationQuerySet.as_manager()

    class Meta:
        verbose_name = "information"
        ordering = ["-publiee_le", "titre"]

    def __str__(self):
        return self.titre


class Lecture(models.Model):
    """Une information ouverte par un compte."""

    information = models.ForeignKey(Information, models.CASCADE, related_name="lectures", verbose_name="information")
    compte = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="compte")
    lue_le = models.DateTimeField("lue le")

    class Meta:
        verbose_name = "lecture"
        constraints = [models.UniqueConstraint(name="lecture_unique", fields=["information", "compte"])]

    def __str__(self):
        return f"{self.information} lue par {self.compte}"
