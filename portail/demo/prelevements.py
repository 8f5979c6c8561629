"""Huit familles prélevées : le dernier lot est remis, et la banque en a rejeté un débit."""

import datetime as dt

from commune.regles import instant_de_paris, jour_de_paris
from facturation.actions import preparer_lot, rejeter, remettre_lot, signer_mandat
from facturation.models import Facture
from familles.models import Famille

# L'exemple des manuels : il n'est à personne.
IBAN = "FR7630006000011234567890189"


def signer(annee):
    """Huit mandats signés sur papier à la rentrée, avant la première facture."""
    validees = Famille.objects.filter(statut=Famille.Statut.VALIDEE).exclude(nom="LA STAR")
    for famille in validees.order_by("-pk")[:8]:
        parent = famille.adultes.filter(fin=None).order_by("pk").first()
        signer_mandat(famille, str(parent or famille), IBAN, annee.debut)


def prelever(regie, maintenant):
    """Les lots des jours déjà passés ; un débit du dernier est rejeté, sa famille l'a appris."""
    aujourdhui = jour_de_paris(maintenant)
    annoncees = Facture.objects.exclude(rum="").filter(preleve_le__lte=aujourdhui)
    lot = None
    for jour in sorted(set(annoncees.values_list("preleve_le", flat=True))):
        lot = preparer_lot(jour, regie, instant_de_paris(jour - dt.timedelta(days=6), dt.time(10)))
        remettre_lot(lot, regie, instant_de_paris(jour - dt.timedelta(days=5), dt.time(9)))
    if lot:
        rejete_le = min(lot.jour + dt.timedelta(days=2), aujourdhui)
        rejeter(lot.prelevements.order_by("pk").first(), "AM04", rejete_le, regie, maintenant)
