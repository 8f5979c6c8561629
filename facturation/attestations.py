"""Les attestations en PDF, faites à la demande comme la facture : une page, sa feuille de style, un PDF balisé."""

from commune.contexte import courante
from facturation import regles
from facturation.actions.mois import destinataires, emetteur
from facturation.models import Regie, fiscales_de, paiements_de, payees_par, presences_de
from facturation.pdf import rendre_piece


def fiscale(famille, annee, maintenant):
    """Ce que le foyer a payé dans l'année pour la garde de ses plus jeunes enfants. Lève ``PdfIndisponible``."""
    retenues = fiscales_de(famille, annee)
    total = sum((retenue.retenu for _, retenue in retenues), regles.ZERO)
    contexte = {"annee": annee, "retenues": retenues, "total": total}
    return _produire("facturation/attestations/fiscale.html", famille, maintenant, contexte)


def presence(famille, enfant, du, au, maintenant):
    """Les jours où cet enfant est venu, de ``du`` à ``au`` compris (dates de Paris). Lève ``PdfIndisponible``."""
    contexte = {"enfant": enfant, "du": du, "au": au, "activites": presences_de(famille, enfant, du, au)}
    return _produire("facturation/attestations/presence.html", famille, maintenant, contexte)


def paiement(facture, maintenant):
    """Ce qui a payé cette facture ; demande qu'elle le soit. Lève ``PdfIndisponible``."""
    parts = paiements_de(facture.famille)[facture.pk]
    contexte = {"facture": facture, "parts": parts, "avoirs": facture.avoirs.order_by("emis_le")}
    return _produire("facturation/attestations/paiement.html", facture.famille, maintenant, contexte)


def recu(reglement, maintenant):
    """Le reçu d'un règlement valable ; ce qu'il a payé de chaque facture. Lève ``PdfIndisponible``."""
    payees = payees_par(reglement)
    avance = reglement.montant - sum(somme for _, somme in payees)
    contexte = {"recu": reglement, "payees": payees, "avance": avance}
    return _produire("facturation/attestations/recu.html", reglement.famille, maintenant, contexte)


def _produire(gabarit, famille, maintenant, contexte):
    contexte |= {"famille": famille, "le": maintenant, "destinataire": destinataires([famille.pk])[famille.pk]}
    return rendre_piece(gabarit, emetteur(courante(), Regie.courante(), None), contexte)
