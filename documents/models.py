"""Les documents : ce que la mairie attend, ce que la famille envoie, ce que la mairie met à disposition."""

from collections import defaultdict

from django.conf import settings
from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Length

from commune.fichiers import chemin_prive
from commune.requetes import poser
from familles.models import Enfant, Rattachement

from . import regles


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
    sante = models.BooleanField(
        "contient des données de santé",
        default=False,
        help_text="Seuls ceux qui lisent les fiches sanitaires l'ouvrent ; chaque ouverture est consignée.",
    )
    aide = models.CharField("aide", max_length=300, blank=True)
    modele = models.FileField("modèle à remplir", upload_to=chemin_prive, blank=True)
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

    def lisibles_par(self, agent):
        """Celles que ce compte de la mairie peut ouvrir : les pièces de santé suivent le droit sur les fiches."""
        return self if agent.has_perm("familles.view_fichesanitaire") else self.filter(type__sante=False)

    def sante_a_effacer(self, famille, consentantes=()):
        """Les pièces de santé qui s'effacent quand ce foyer retire son consentement.

        Celle qui est validée, d'un enfant qu'a aussi un des foyers ``consentantes``, reste : elle vaut pour les deux.
        """
        partages = Rattachement.objects.actuels().filter(famille__in=consentantes).exclude(famille=famille)
        communes = Q(etat=Piece.Etat.VALIDEE, enfant__in=partages.values("enfant"))
        return self.filter(famille=famille, type__sante=True).exclude(communes)


class Piece(models.Model):
    """Une pièce envoyée. Plusieurs photos deviennent les pages d'un seul PDF.

    On n'en modifie pas le fichier : un nouvel envoi est une nouvelle ligne, et l'historique reste lisible.
    """

    class Etat(models.TextChoices):
        ENVOYEE = "envoyee", "envoyée"
        VALIDEE = "validee", "validée"
        REFUSEE = "refusee", "refusée"
        REMPLACEE = "remplacee", "remplacée"  # par un envoi plus récent, avant d'être vérifiée ; fichier effacé

    type = models.ForeignKey(TypePiece, models.PROTECT, related_name="pieces", verbose_name="pièce")
    famille = models.ForeignKey("familles.Famille", models.CASCADE, related_name="pieces", verbose_name="famille")
    enfant = models.ForeignKey(
        "familles.Enfant", models.CASCADE, null=True, blank=True, related_name="pieces", verbose_name="enfant"
    )
    fichier = models.FileField("fichier", upload_to=chemin_prive, blank=True)
    nom = models.CharField("nom du fichier", max_length=200)
    pages = models.PositiveSmallIntegerField("pages", default=1)
    etat = models.CharField("état", max_length=9, choices=Etat.choices, default=Etat.ENVOYEE)
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
            models.UniqueConstraint(
                name="une_piece_a_verifier",
                fields=["type", "famille", "enfant"],
                condition=Q(etat="envoyee"),
                nulls_distinct=False,
                violation_error_message="Ce document attend déjà sa vérification.",
            ),
        ]

    def __str__(self):
        return f"{self.type} – {self.enfant or self.famille}"


def attendues(famille, jour, enfants=None):
    """Les documents attendus de ce foyer à cette date de Paris : une liste d'``Attente``, en trois requêtes.

    Une de moins si l'on a déjà ses ``enfants_de``.
    """
    enfants = enfants_de(famille) if enfants is None else enfants
    return _attentes(famille.pk, poser(_types), enfants, _par_document(poser(_pieces_de, famille.pk)), jour)


def enfants_de(famille):
    """Les enfants de ce foyer, l'aîné d'abord, avec ce qui décide de leurs documents."""
    return poser(_enfants_de, famille.pk)


def attendues_par_famille(familles, jour):
    """Les mêmes, pour plusieurs foyers, toujours en trois requêtes : ``{pk du foyer: [Attente]}``."""
    types, envois = list(_types()), _par_document(_pieces(familles))
    enfants = defaultdict(list)
    for enfant in _enfants(familles):
        enfants[enfant.foyer].append(enfant)
    return {f.pk: _attentes(f.pk, types, enfants[f.pk], envois, jour) for f in familles}


def _types():
    return TypePiece.objects.actifs()


def _enfants_de(famille):
    return _enfants([famille])


def _enfants(familles):
    """Les enfants de chaque ``foyer``, l'aîné d'abord, avec leur nombre de ``foyers``, et ``pai`` s'ils en ont un.

    Le PAI reste chiffré : sa longueur suffit.
    """
    foyers = Rattachement.objects.actuels().order_by().filter(enfant=OuterRef("pk"))
    return Enfant.objects.filter(rattachements__famille__in=familles, rattachements__fin=None).annotate(
        foyer=F("rattachements__famille_id"),
        foyers=Subquery(foyers.values("enfant").annotate(n=Count("pk")).values("n")),
        pai=Coalesce(Length("fiche__pai"), 0),
    ).order_by("date_naissance", "pk")


def _pieces_de(famille):
    return _pieces([famille])


def _pieces(familles):
    """Une pièce d'enfant validée pour l'un de ses foyers vaut pour l'autre, sans que l'autre puisse l'ouvrir.

    Une union, et non un « ou » : chaque moitié suit son index, quand le « ou » relirait toutes les pièces de la ville.
    """
    enfants = Rattachement.objects.actuels().order_by().filter(famille__in=familles).values("enfant")
    siennes = Piece.objects.order_by().filter(famille__in=familles)
    validees = Piece.objects.order_by().filter(enfant__in=enfants, etat=Piece.Etat.VALIDEE)
    return Piece.objects.filter(pk__in=siennes.values("pk").union(validees.values("pk")))


def _par_document(pieces):
    envois = defaultdict(list)
    for piece in pieces:
        envois[piece.type_id, piece.enfant_id, None if piece.enfant_id else piece.famille_id].append(piece)
    return envois


def _attentes(famille_id, types, enfants, envois, jour):
    partages = {e.pk for e in enfants if e.foyers > 1}
    prelevement = any(
        piece.etat in (Piece.Etat.ENVOYEE, Piece.Etat.VALIDEE)
        for type in types
        if type.condition == TypePiece.Condition.PRELEVEMENT
        for piece in envois[type.pk, None, famille_id]
    )
    attentes = []
    for type in types:
        du_foyer = type.portee == TypePiece.Portee.FAMILLE
        for enfant in [None] if du_foyer else enfants:
            remplie = regles.condition_remplie(
                type.condition,
                garde_partagee=bool(partages) if du_foyer else enfant.pk in partages,
                pai=any(un.pai for un in enfants) if du_foyer else bool(enfant.pai),
                prelevement=prelevement,
            )
            if regles.montree(type.portee, remplie):
                attentes.append(_attente(famille_id, type, enfant, type.obligatoire and remplie, envois, jour))
    return attentes


def _attente(famille_id, type, enfant, exigee, envois, jour):
    toutes = envois[type.pk, enfant.pk if enfant else None, None if enfant else famille_id]
    siennes = [piece for piece in toutes if piece.famille_id == famille_id]
    piece = regles.retenir(siennes, jour)
    ailleurs = None
    if not piece or not (piece.etat == Piece.Etat.ENVOYEE or regles.est_valable(piece, jour)):
        ailleurs = next((p for p in toutes if p.famille_id != famille_id and regles.est_valable(p, jour)), None)
    piece = ailleurs or piece
    return regles.Attente(
        type=type,
        enfant=enfant,
        exigee=exigee,
        etat=regles.etat(piece, jour),
        piece=piece,
        jour=jour,
        d_ailleurs=bool(ailleurs),
        historique=siennes,
    )


class InformationQuerySet(models.QuerySet):
    def publiees(self, jour):
        """Celles que l'on montre à cette date de Paris."""
        return self.filter(Q(jusqu_au=None) | Q(jusqu_au__gte=jour), publiee_le__lte=jour)

    def publiques(self, jour):
        return self.publiees(jour).filter(publique=True)

    def avec_lecture(self, compte):
        """Avec ``lue``, vrai si ce compte l'a ouverte."""
        return self.annotate(lue=models.Exists(Lecture.objects.filter(information=OuterRef("pk"), compte=compte)))

    def non_lues(self, compte, jour):
        return self.publiees(jour).exclude(lectures__compte=compte)


class Information(models.Model):
    """Ce que la mairie met à disposition : règlement intérieur et financier, menus, mandat à remplir…"""

    titre = models.CharField("titre", max_length=150)
    texte = models.TextField("texte", blank=True)
    fichier = models.FileField("fichier", upload_to=chemin_prive, blank=True)
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
