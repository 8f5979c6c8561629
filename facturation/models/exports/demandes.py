"""L'export trop long pour une requête : demandé, suivi, puis gardé quelques jours le temps qu'on le prenne."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from commune.fichiers import chemin_prive
from facturation.regles.exports import CONTENUS, FORMATS

from .tables import Export


class DemandeExport(models.Model):
    """Un fichier que l'ouvrier fait, ou refait si ``export`` est déjà au journal ; il s'efface au bout d'une semaine.

    ``fichier`` est nommé avant d'être écrit, à chaque essai : un essai mort ne laisse rien que l'on ne sache effacer.
    """

    genre = models.CharField("contenu", max_length=12, choices=[(c.cle, c.titre) for c in CONTENUS.values()])
    format = models.CharField("format", max_length=4, choices=list(FORMATS.items()))
    debut = models.DateField("du")
    fin = models.DateField("au")
    budget = models.ForeignKey(
        "facturation.Budget", models.PROTECT, null=True, related_name="+", verbose_name="budget du PES"
    )
    demandee_le = models.DateTimeField("demandée le")  # et ce qui arrête l'export, même s'il se fait plus tard
    demandee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="demandée par"
    )
    a_faire = models.PositiveIntegerField("lignes à écrire, à peu près", default=0)
    faites = models.PositiveIntegerField("lignes écrites", default=0)
    terminee_le = models.DateTimeField("terminée le", null=True)
    incident = models.CharField("incident", max_length=500, blank=True)
    export = models.OneToOneField(Export, models.PROTECT, null=True, related_name="demande", verbose_name="export")
    fichier = models.FileField("fichier", upload_to=chemin_prive, blank=True, editable=False)

    class Meta:
        verbose_name = "export demandé"
        verbose_name_plural = "exports demandés"
        default_permissions = ()  # il se demande et se lit avec les droits des exports
        ordering = ["demandee_le", "pk"]
        constraints = [
            models.CheckConstraint(
                name="demande_d_export_terminee_a_son_fichier",
                condition=Q(terminee_le=None) | (Q(export__isnull=False) & ~Q(fichier="")),
                violation_error_message="Un export terminé est au journal, et son fichier est là.",
            ),
        ]

    def __str__(self):
        return self.contenu.du(self.debut, self.fin)

    @property
    def contenu(self):
        return CONTENUS[self.genre]

    @property
    def part(self):
        """Ce qui est écrit, de 0 à 99 : le nombre de lignes n'est connu qu'à peu près."""
        return min(99, 100 * self.faites // max(self.a_faire, 1))
