"""La messagerie : un seul fil entre une famille et la mairie."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from commune.fichiers import chemin_prive


class MessageQuerySet(models.QuerySet):
    def du_compte(self, compte):
        return self.filter(famille__adultes__compte=compte, famille__adultes__fin=None)

    def non_lus_par_la_famille(self):
        return self.filter(de_la_mairie=True, lu_le=None)

    def non_lus_par_la_mairie(self):
        return self.filter(de_la_mairie=False, lu_le=None)


class Message(models.Model):
    """Un message du fil. ``lu_le`` est l'instant où l'autre côté l'a ouvert.

    ``jeton`` vient du formulaire : envoyé deux fois, il n'écrit qu'un message.
    """

    famille = models.ForeignKey("familles.Famille", models.CASCADE, related_name="messages", verbose_name="famille")
    auteur = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="auteur"
    )
    de_la_mairie = models.BooleanField("de la mairie", default=False)
    texte = models.TextField("message", max_length=5000)
    envoye_le = models.DateTimeField("envoyé le")
    lu_le = models.DateTimeField("lu le", null=True, blank=True)
    jeton = models.UUIDField("formulaire", null=True, editable=False)

    objects = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = "message"
        ordering = ["envoye_le", "pk"]
        indexes = [
            models.Index("famille", "envoye_le", name="message_fil"),
            models.Index(fields=["de_la_mairie"], condition=Q(lu_le=None), name="message_non_lu"),
        ]
        constraints = [
            models.UniqueConstraint(
                name="message_envoye_une_fois",
                fields=["famille", "jeton"],
                violation_error_message="Ce message est déjà parti.",
            ),
        ]

    def __str__(self):
        # Jamais le texte : cette ligne finit dans les journaux de l'administration.
        return f"Message {'à' if self.de_la_mairie else 'de'} {self.famille}"


class PieceJointeQuerySet(models.QuerySet):
    def du_compte(self, compte):
        return self.filter(message__in=Message.objects.du_compte(compte))


class PieceJointe(models.Model):
    message = models.ForeignKey(Message, models.CASCADE, related_name="pieces", verbose_name="message")
    fichier = models.FileField("fichier", upload_to=chemin_prive)
    nom = models.CharField("nom", max_length=200)

    objects = PieceJointeQuerySet.as_manager()

    class Meta:
        verbose_name = "pièce jointe"
        verbose_name_plural = "pièces jointes"

    def __str__(self):
        return self.nom
