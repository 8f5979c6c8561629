"""Les factures en retard : la moitié vient d'être relancée, une famille paie en trois fois, une autre le demande."""

import datetime as dt

from facturation.actions import accorder_echeancier, demander_echeancier, encaisser, envoyer_relances, lancer_relances
from facturation.models import Facture, a_echelonner, installer_niveaux
from facturation.regles.echeanciers import dates, partager
from familles.models import Famille
from portail.models import Compte

MOT = "Nous convenons de trois échéances. En cas de souci, appelez-nous avant la date : tout s'arrange."
PHRASE = "Je suis en arrêt depuis un mois, mes indemnités arrivent le 10. Pourrions-nous payer en plusieurs fois ?"
JOURS = dt.timedelta(days=1)


def installer(jour, maintenant):
    """À la rentrée, rien n'est encore en retard, et personne n'est relancé."""
    installer_niveaux()
    regie = Compte.objects.get(email="regie@demo.fr")
    echues = Facture.objects.filter(echeance__lt=jour).exclude(famille__nom="LA STAR").impayees()
    foyers = list(
        Famille.objects.filter(pk__in=echues.values("famille"), adultes__compte__isnull=False).distinct().order_by("pk")
    )
    libres = [foyer for foyer in foyers if _a_echelonner(foyer, jour)]
    if len(libres) < 2:
        return
    echelonner(libres[0], jour, regie, maintenant)
    parent = Compte.objects.filter(adulte__famille=libres[1]).order_by("pk").first()
    demander_echeancier(libres[1], PHRASE, 4, parent, maintenant - JOURS)
    # L'autre moitié attend que la régie relise l'aperçu.
    siens = sorted(set(echues.values_list("famille", flat=True)))
    quand = maintenant - 3 * JOURS
    envoyer_relances(lancer_relances(regie, quand, ecartes=siens[::2]).pk, quand)


def _a_echelonner(foyer, jour):
    return [facture for facture, raison in a_echelonner(foyer, jour) if not raison and facture.echeance < jour]


def echelonner(foyer, jour, regie, maintenant):
    """Trois échéances, accordées il y a douze jours ; la première vient d'être payée par virement."""
    factures = _a_echelonner(foyer, jour)
    suite = dates(jour - 2 * JOURS, 3)
    parts = partager(sum(facture.reste for facture in factures), 3)
    accorder_echeancier(
        foyer, [facture.pk for facture in factures], list(zip(suite, parts, strict=True)), regie,
        maintenant - 12 * JOURS, MOT,
    )  # fmt: skip
    encaisser(
        foyer, parts[0], "virement", regie, maintenant - 3 * JOURS, facture=factures[0], reference="ECHEANCE 1"
    )
