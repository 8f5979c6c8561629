"""Ce que lisent les attestations : les sommes payées d'un foyer, les présences d'un enfant."""

import datetime as dt
from collections import defaultdict

from django.db.models import Exists, OuterRef, Q, Sum

from commune.regles import MOIS
from facturation import regles
from familles.models import Enfant, Garde, Rattachement
from familles.regles.garde import TOUTES
from presences.models import Pointage
from reservations.models import Reservation

from .caisse import Remboursement
from .factures import Avoir, Facture, Ligne
from .nets import lignes_nettes
from .reglements import Reglement


def paiements_de(famille):
    """Facture (sa clé) → ``[(regles.Recu, somme)…]``, pour toutes celles du foyer."""
    rendus = dict(
        Avoir.objects.filter(facture__famille=famille).order_by().values_list("facture").annotate(s=Sum("montant"))
    )
    factures = Facture.objects.filter(famille=famille).order_by("mois", "pk").values_list("pk", "total")
    recus = Reglement.objects.valables().filter(famille=famille).order_by("recu_le", "pk")
    rendu = Remboursement.objects.valables().filter(famille=famille).aggregate(s=Sum("montant"))["s"]
    return regles.affecter(
        {pk: total - rendus.get(pk, regles.ZERO) for pk, total in factures},
        [regles.Recu(r.recu_le, r.montant, r.facture_id, r.get_moyen_display(), r.pk) for r in recus],
        rendu or regles.ZERO,
    )


def payees_par(reglement):
    """``[(Facture, somme)…]`` : ce que ce règlement a payé, de la plus ancienne à la plus récente ; le reste est une
    avance.
    """
    sommes = {}
    for facture, parts in paiements_de(reglement.famille).items():
        sommes[facture] = sum((somme for recu, somme in parts if recu.cle == reglement.pk), regles.ZERO)
    factures = Facture.objects.in_bulk([pk for pk, somme in sommes.items() if somme])
    return sorted(((factures[pk], sommes[pk]) for pk in factures), key=lambda paire: (paire[0].mois, paire[0].pk))


def fiscales_de(famille, annee):
    """``[(Enfant, regles.Retenue)…]`` du foyer : payé dans l'année pour la garde de chacun des plus jeunes."""
    parts = paiements_de(famille)
    payees = [pk for pk, recus in parts.items() if any(recu.jour.year == annee for recu, _ in recus)]
    lignes = lignes_nettes(payees)
    enfants = Enfant.objects.in_bulk({enfant for _, enfant, *_ in lignes})
    naissances = {pk: enfant.date_naissance for pk, enfant in enfants.items()}
    retenues = regles.retenir(annee, lignes, parts, naissances, alternes(enfants, annee))
    return [(enfants[retenue.enfant], retenue) for retenue in retenues]


def alternes(enfants, annee):
    """Ceux de ces enfants (leurs clés) dont une garde, un jour de l'année, partage les semaines entre deux foyers."""
    gardes = Garde.objects.filter(enfant__in=enfants, debut__lte=dt.date(annee, 12, 31))
    gardes = gardes.exclude(fin__lt=dt.date(annee, 1, 1)).exclude(semaines=TOUTES)
    return set(gardes.values_list("enfant", flat=True))


def annees_payees(famille):
    """Les années où le foyer a payé quelque chose, la plus récente d'abord."""
    return [jour.year for jour in Reglement.objects.valables().filter(famille=famille).dates("recu_le", "year", "DESC")]


def presences_de(famille, enfant, du, au):
    """``[(activité, site, nombre, [« septembre 2026 : les 3 et 4 »…])…]`` : les jours où cet enfant est venu.

    Seulement ceux de ce foyer : ce qu'il a réservé ou payé ; s'il est le seul foyer de l'enfant, tous.
    """
    couple = {"enfant": OuterRef("enfant"), "seance": OuterRef("seance")}
    siens = Exists(Reservation.objects.filter(famille=famille, **couple)) | Exists(
        Ligne.objects.filter(facture__famille=famille, **couple)
    )
    ailleurs = Rattachement.objects.filter(enfant=enfant).exclude(famille=famille).exists()
    vus = Pointage.objects.presents().filter(siens if ailleurs else Q(), enfant=enfant, seance__jour__range=(du, au))
    colonnes = ["seance__activite__nom", "seance__activite__site__nom", "seance__jour"]
    jours = defaultdict(lambda: defaultdict(list))
    for nom, site, jour in vus.order_by("seance__jour", "seance__activite__heure_debut", "pk").values_list(*colonnes):
        jours[nom, site][regles.premier(jour)].append(jour)
    return [
        (nom, site, sum(map(len, mois.values())),
         [f"{MOIS[m.month - 1]} {m.year} : {regles.dire_jours(siens)}" for m, siens in mois.items()])
        for (nom, site), mois in jours.items()
    ]  # fmt: skip
