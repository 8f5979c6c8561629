"""Les budgets : une commune peut tenir plusieurs régies, et facturer chaque activité pour la sienne."""

from django.db import models
from django.db.models import Q

from inscriptions.models import Activite

from .exports.codes import code
from .reglements import iban_valide


class Budget(models.Model):
    """Une autre régie que la principale : ses activités ont leur propre facture, au même foyer et au même mois."""

    nom = models.CharField("nom", max_length=100, unique=True, help_text="Tel que la facture l'imprime.")
    cheque_ordre = models.CharField("ordre des chèques", max_length=100, blank=True, help_text="Vide : la régie.")
    iban = models.CharField(
        "IBAN pour les virements", max_length=34, blank=True, validators=[iban_valide],
        help_text="Vide : celui de la régie. Un compte à part n'est ni prélevé ni payé en ligne par le portail.",
    )  # fmt: skip
    accueil = models.TextField("où et quand payer", blank=True, help_text="Vide : comme la régie.")
    code_comptable = code(
        "code du budget", blank=True, help_text="Dans les écritures comptables. Vide : celui de la commune."
    )
    pes_budget = code(
        "budget (CodBud)", 10, blank=True, help_text="Ses factures ont alors leur propre PES. Vide : avec les autres."
    )

    class Meta:
        verbose_name = "budget"
        ordering = ["nom"]

    def __str__(self):
        return self.nom


class ActiviteDuBudget(models.Model):
    """Ce qui relève d'un budget : un genre d'activité, ou une activité précise, qui l'emporte sur son genre."""

    budget = models.ForeignKey(Budget, models.CASCADE, related_name="activites", verbose_name="budget")
    genre = models.CharField("genre d'activité", max_length=8, blank=True, choices=Activite.Genre.choices)
    activite = models.ForeignKey(
        Activite, models.CASCADE, null=True, blank=True, related_name="+", verbose_name="ou activité précise"
    )

    class Meta:
        verbose_name = "activité du budget"
        verbose_name_plural = "activités du budget"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="budget_genre_ou_activite",
                condition=Q(genre="", activite__isnull=False) | (~Q(genre="") & Q(activite=None)),
                violation_error_message="Choisissez un genre, ou une activité précise : l'un des deux.",
            ),
            models.UniqueConstraint(
                name="budget_du_genre", fields=["genre"], condition=~Q(genre=""),
                violation_error_message="Ce genre relève déjà d'un budget.",
            ),
            models.UniqueConstraint(
                name="budget_de_l_activite", fields=["activite"], condition=Q(activite__isnull=False),
                violation_error_message="Cette activité relève déjà d'un budget.",
            ),
        ]  # fmt: skip

    def __str__(self):
        return str(self.activite or self.get_genre_display())


def budgets_des(activites):
    """L'activité (sa clé) → la clé de son budget, pour celles qui en ont un. Une requête."""
    dits = list(ActiviteDuBudget.objects.values_list("genre", "activite", "budget"))
    genres = {genre: budget for genre, activite, budget in dits if activite is None}
    siens = {pk: genres[activite.genre] for pk, activite in activites.items() if activite.genre in genres}
    return siens | {activite: budget for _, activite, budget in dits if activite}
