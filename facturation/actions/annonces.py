"""Dire aux familles que leur facture est là, et savoir où en sont ces courriels."""

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from procrastinate.contrib.django.models import ProcrastinateJob

from commune.regles import dire_le_jour
from facturation import regles
from facturation.models import Facture
from familles.models import Adulte

from .mandats import ANNONCER, ecrire_pour_le_mois, envoi_de

PREVENIR = "facturation.prevenir"


@transaction.atomic
def prevenir(factures):
    """Écrit à chaque foyer de ces factures (leurs clés) qu'elles l'attendent ; une prélevée l'annonce à sa manière."""
    siennes = list(Facture.objects.filter(pk__in=factures, rum="").select_related("facturation").order_by("pk"))
    contextes = {}
    for facture in siennes:
        contexte = contextes.setdefault(facture.famille_id, {"sujet": regles.annonce(facture.mois), "factures": []})
        contexte["factures"].append(facture)
        contexte["rien"] = not any(due.demande for due in contexte["factures"])
        contexte["echeance"] = dire_le_jour(facture.echeance)
    ecrire_pour_le_mois("facturation/courriels/facture_arrivee", siennes, contextes)


def courriels_de(facturation):
    """``{"partis": n, "attendent": n, "en_echec": n}`` : les courriels d'annonce de ce mois. Trois requêtes au plus.

    La file oublie ceux qui sont partis : la facturation sait combien furent écrits, la file ceux qu'elle tient encore.
    """
    tenus = ProcrastinateJob.objects.filter(
        task_name="courriel", **{"args__courriel__headers__X-Envoi": envoi_de(facturation.pk)}
    ).aggregate(
        attendent=Count("pk", filter=Q(status__in=["todo", "doing"])), en_echec=Count("pk", filter=Q(status="failed")),
    )  # fmt: skip
    partis = facturation.courriels - tenus["attendent"] - tenus["en_echec"]
    a_ecrire = ProcrastinateJob.objects.filter(
        task_name__in=[PREVENIR, ANNONCER], status__in=["todo", "doing"], args__facturation=facturation.pk
    )
    if a_ecrire.exists():  # des courriels ne sont pas encore composés
        siens = Facture.objects.filter(facturation=facturation).values("famille")
        parents = Adulte.objects.actuels().filter(compte__is_active=True, famille__in=siens).count()
        tenus["attendent"] += max(parents - facturation.courriels, 0)
    return tenus | {"partis": max(partis, 0)}


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
    s, ont, la_leur = ("s", "ont", "leurs lettres") if lettres > 1 else ("", "a", "sa lettre")
    autres = " ; les autres sont prévenues" if lettres < len(foyers) else ""
    return f"{lettres} famille{s} n'{ont} pas de compte, imprimez {la_leur}{autres}"


def sans_courriel():
    """Les factures dont aucun parent du foyer n'a de compte : elles se remettent sur papier."""
    joignables = Adulte.objects.actuels().filter(famille=OuterRef("famille"), compte__is_active=True)
    return Facture.objects.filter(~Exists(joignables))
