"""Dire aux familles que leur facture est là, et savoir où en sont ces courriels."""

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from procrastinate.contrib.django.models import ProcrastinateJob

from commune.regles import dire_le_jour
from facturation import regles
from facturation.models import Facture
from familles.actions import ecrire_aux_foyers
from familles.models import Adulte

PREVENIR = "facturation.prevenir"


@transaction.atomic
def prevenir(factures):
    """Écrit à chaque foyer de ces factures (leurs clés) qu'elles l'attendent ; une prélevée l'annonce à sa manière."""
    contextes = {}
    siennes = Facture.objects.filter(pk__in=factures, rum="").select_related("facturation").order_by("pk")
    for facture in siennes:
        contexte = contextes.setdefault(facture.famille_id, {"sujet": regles.annonce(facture.mois), "factures": []})
        contexte["factures"].append(facture)
        contexte["echeance"] = dire_le_jour(facture.echeance)
    ecrire_aux_foyers("facturation/courriels/facture_arrivee", contextes)


def courriels_de(facturation):
    """``{"partis": n, "attendent": n, "en_echec": n}`` : les courriels d'annonce de ce mois. Deux requêtes.

    Une tâche faite s'oublie au bout d'un mois : le compte vaut jusque-là.
    """
    prelevees = Facture.objects.filter(facturation=facturation).exclude(rum="").order_by()
    jours = prelevees.values_list("preleve_le", flat=True).distinct()
    sujets = [regles.annonce(facturation.mois), *(f"Votre facture sera prélevée le {dire_le_jour(j)}" for j in jours)]
    return ProcrastinateJob.objects.filter(
        task_name="courriel", args__courriel__subject__in=sujets
    ).aggregate(
        partis=Count("pk", filter=Q(status="succeeded")), en_echec=Count("pk", filter=Q(status="failed")),
        attendent=Count("pk", filter=Q(status__in=["todo", "doing"])),
    )  # fmt: skip


def sans_courriel():
    """Les factures dont aucun parent du foyer n'a de compte : elles se remettent sur papier."""
    joignables = Adulte.objects.actuels().filter(famille=OuterRef("famille"), compte__is_active=True)
    return Facture.objects.filter(~Exists(joignables))
