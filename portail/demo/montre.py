"""Ce que la ville a vraiment à montrer : lu dans la base, car rien n'est facturé à la rentrée ni rejeté en octobre."""

from commune.regles import jour_de_paris
from facturation.models import Contestation, Echeancier, Facture, Paiement, Prelevement
from reservations.models import Seance


def argent():
    """Les exemples de la régie, par leur nom, chacun vrai s'il existe."""
    return {
        "factures": Facture.objects.exists(),
        "paiement en doute": Paiement.objects.en_doute().exists(),
        "prélèvement rejeté": Prelevement.objects.a_suivre().exists(),
        "ligne contestée": Contestation.objects.exists(),
        "échéancier": Echeancier.objects.exists(),
    }


def a_essayer(maintenant):
    """Ce que ``demo.txt`` propose, chacun vrai s'il y a de quoi : à l'école de Hugo, chez Celine, en régie."""
    midis = Seance.objects.filter(activite__genre="midi", activite__site__ordre=0, ouverte=True)
    jour = jour_de_paris(maintenant)
    return {
        "cantine": midis.filter(jour__gt=jour).exists(),
        "pointage": midis.filter(jour=jour).exists(),
        "facture": Facture.objects.filter(famille__nom="LA STAR").impayees().exists(),
        "doute": Paiement.objects.en_doute().exists(),
    }
