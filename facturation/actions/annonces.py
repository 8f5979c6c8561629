"""Dire aux familles que leur facture est là, et savoir où en sont ces courriels."""

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from procrastinate.contrib.django.models import ProcrastinateJob

from commune.regles import dire_le_jour
from facturation import regles
from facturation.models import Facture
from familles.actions import ecrire_aux_foyers
from familles.models import Adulte

from .mandats import ANNONCER

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
    """``{"partis": n, "attendent": n, "en_echec": n}`` : les courriels d'annonce de ce mois. Trois requêtes.

    La file oublie ceux qui sont partis : on compte les parents à prévenir, moins ceux qu'elle tient encore.
    """
    factures = Facture.objects.filter(facturation=facturation)
    jours = factures.exclude(rum="").order_by().values_list("preleve_le", flat=True).distinct()
    sujets = [regles.annonce(facturation.mois), *(f"Votre facture sera prélevée le {dire_le_jour(j)}" for j in jours)]
    parents = Adulte.objects.actuels().filter(compte__is_active=True, famille__in=factures.values("famille")).count()
    tenus = ProcrastinateJob.objects.filter(task_name="courriel", args__courriel__subject__in=sujets).aggregate(
        attendent=Count("pk", filter=Q(status__in=["todo", "doing"])), en_echec=Count("pk", filter=Q(status="failed")),
    )  # fmt: skip
    a_ecrire = ProcrastinateJob.objects.filter(task_name__in=[PREVENIR, ANNONCER], status__in=["todo", "doing"])
    if a_ecrire.filter(scheduled_at=None).exists():  # pas encore composés : aucun n'est parti de façon sûre
        return tenus | {"partis": 0, "attendent": parents - tenus["en_echec"]}
    return tenus | {"partis": max(parents - tenus["attendent"] - tenus["en_echec"], 0)}


def sans_compte(foyers):
    """Parmi ces foyers (leurs clés), ceux dont aucun parent n'a de compte : on leur écrit une lettre."""
    joignables = Adulte.objects.actuels().filter(famille__in=foyers, compte__is_active=True)
    return set(foyers) - set(joignables.values_list("famille", flat=True))


def dire_prevenus(foyers):
    """Ce que l'on peut dire à la mairie : « la famille est prévenue », ou combien de lettres il reste à imprimer."""
    foyers = set(foyers)
    lettres = len(sans_compte(foyers))
    if not lettres:
        return "la famille est prévenue" if len(foyers) == 1 else "chaque famille est prévenue"
    if len(foyers) == 1:
        return "cette famille n'a pas de compte, imprimez sa lettre"
    s, ont = ("s", "ont") if lettres > 1 else ("", "a")
    return f"{lettres} famille{s} n'{ont} pas de compte, imprimez leur lettre ; les autres sont prévenues"


def sans_courriel():
    """Les factures dont aucun parent du foyer n'a de compte : elles se remettent sur papier."""
    joignables = Adulte.objects.actuels().filter(famille=OuterRef("famille"), compte__is_active=True)
    return Facture.objects.filter(~Exists(joignables))
