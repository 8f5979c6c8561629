"""Le journal des exports. Le fichier n'est pas gardé : il se refait.

Garder les fichiers garderait le nom des foyers que la loi demande d'effacer. L'export garde plutôt de quoi le refaire
(ses paramètres, l'instant qui l'arrête, les codes et les noms d'alors) et l'empreinte de ce qui fut donné : le fichier
refait est le même octet pour octet, ou n'est pas donné.
"""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from commune.regles import instant_de_paris
from facturation.regles.exports import CONTENUS, FORMATS


class Export(models.Model):
    """Un fichier donné. La base refuse qu'on y change quoi que ce soit (``0001_gardes.sql``)."""

    genre = models.CharField("contenu", max_length=12, choices=[(c.cle, c.titre) for c in CONTENUS.values()])
    format = models.CharField("format", max_length=4, choices=list(FORMATS.items()))
    debut = models.DateField("du")
    fin = models.DateField("au")
    arrete_le = models.DateTimeField(
        "arrêté le", help_text="Ce qui est enregistré après cet instant n'y est pas, même refait plus tard."
    )
    fait_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="fait par"
    )
    lignes = models.PositiveIntegerField("lignes", default=0)
    empreinte = models.CharField("empreinte SHA-256", max_length=64)
    # Les codes, les noms d'activité, les tranches d'alors : changés depuis, ils ne changent pas le fichier refait.
    reglages = models.JSONField("réglages d'alors", default=dict, editable=False)

    class Meta:
        verbose_name = "export"
        ordering = ["-arrete_le", "-pk"]
        default_permissions = ("view", "add")
        constraints = [
            models.CheckConstraint(
                name="export_dans_l_ordre",
                condition=Q(fin__gte=F("debut")),
                violation_error_message="La période ne peut pas finir avant de commencer.",
            ),
            models.CheckConstraint(
                name="export_empreinte",
                condition=Q(empreinte__regex=r"^[0-9a-f]{64}$"),
                violation_error_message="Une empreinte SHA-256 a 64 chiffres hexadécimaux.",
            ),
        ]

    def __str__(self):
        return self.contenu.du(self.debut, self.fin)

    @property
    def contenu(self):
        return CONTENUS[self.genre]

    @property
    def nom_du_fichier(self):
        du_tresor = self.reglages.get("nom")
        return du_tresor or f"{self.genre}-{self.debut}-{self.fin}-{self.pk}.{self.format}"

    @property
    def phrase(self):
        """Ce qu'en dit le journal de l'administration."""
        return f"{self} : {self.lignes} lignes."

    def entre(self, champ):
        """Le filtre d'un instant tombé dans la période (dates de Paris, comprises) et avant l'arrêté."""
        fin = instant_de_paris(self.fin + dt.timedelta(days=1), dt.time())
        return {
            f"{champ}__gte": instant_de_paris(self.debut, dt.time()), f"{champ}__lt": fin,
            f"{champ}__lte": self.arrete_le,
        }  # fmt: skip

    def activite(self, pk):
        """``(nom, site)`` de cette activité, tels qu'ils étaient ce jour-là."""
        return tuple(self.reglages["activites"].get(str(pk), (f"activité n° {pk}", ""))[:2])
