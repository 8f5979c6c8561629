"""Deux mois facturés, en partie réglés, avec un avoir."""

import datetime as dt
from decimal import Decimal

from commune.regles import instant_de_paris
from facturation.actions import emettre_avoir, encaisser, facturer
from facturation.models import Facture, Regie
from portail.models import Compte


def mois_passes(annee, jour):
    """Les premiers jours des deux derniers mois entiers de l'année scolaire avant ``jour``."""
    premier = jour.replace(day=1)
    avant = (premier - dt.timedelta(days=1)).replace(day=1)
    encore_avant = (avant - dt.timedelta(days=1)).replace(day=1)
    return [mois for mois in (encore_avant, avant) if mois >= annee.debut.replace(day=1)]


def installer(hasard, annee, jour, maintenant):
    """Facture par la même action que la mairie, le 5 du mois suivant, puis encaisse les trois quarts."""
    regie = Compte.objects.get(email="regie@demo.fr")
    Regie.objects.get_or_create(
        nom="Régie périscolaire",
        defaults={
            "emetteur": "Marc Tournier, régisseur (démonstration)",
            "cheque_ordre": "Régie périscolaire de Migné-Auxances",
            "iban": "FR7630006000011234567890189",  # l'exemple des manuels : il n'est à personne
            "accueil": "Le guichet de la mairie est ouvert du lundi au vendredi, de 9 h à 12 h (démonstration).",
        },
    )
    for mois in mois_passes(annee, jour):
        suivant = (mois + dt.timedelta(days=31)).replace(day=5)
        facturer(mois, regie, min(instant_de_paris(suivant, dt.time(9)), maintenant))
    for facture in Facture.objects.select_related("famille").order_by("pk"):
        if hasard.random() < 0.75 and facture.famille.nom != "LA STAR":
            regler(facture, hasard.choice(["cheque", "virement", "prelevement", "especes"]), regie, maintenant)
    quotient_tardif(annee, jour)
    la_star = Facture.objects.filter(famille__nom="LA STAR").order_by("mois").first()
    if la_star:
        emettre_avoir(la_star, Decimal("2.85"), "Repas du premier vendredi : sortie de classe", regie, maintenant)
        regler(la_star, "cheque", regie, maintenant, la_star.total - Decimal("2.85"))


def quotient_tardif(annee, jour):
    """Un foyer facturé au plus haut, dont l'attestation vient d'arriver : la régie relira l'avoir proposé."""
    facture = Facture.objects.filter(famille__quotients=None, total__gt=20).exclude(famille__nom="LA STAR").first()
    if facture:
        preuve = f"attestation CAF du {jour - dt.timedelta(days=4):%d/%m/%Y}"
        facture.famille.quotients.create(valeur=612, debut=annee.debut, preuve=preuve)


def regler(facture, moyen, regie, maintenant, montant=None):
    """Une somme reçue dix jours après l'émission."""
    recu = min(facture.emise_le + dt.timedelta(days=10), maintenant)
    encaisser(facture.famille, montant or facture.total, moyen, regie, recu, facture=facture)
