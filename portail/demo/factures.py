"""Deux mois facturés, en partie réglés, avec un avoir, un paiement en ligne reçu, un en doute, et des prélèvements."""

import datetime as dt
import threading
from contextlib import contextmanager
from decimal import Decimal

from django.conf import settings

from commune.regles import instant_de_paris
from facturation import simulateur_payfip
from facturation.actions import emettre_avoir, encaisser, facturer, interroger, ouvrir_paiement
from facturation.models import Facture, Regie
from portail.models import Compte

from . import prelevements


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
            "payfip": Regie.EnLigne.REGIE, "payfip_client": "012345", "payfip_saisie": "W",
            "sepa_bic": "AGRIFRPP", "api_particulier": True, "sepa_identifiant": "086158",
        },
    )
    prelevements.signer(annee)
    for mois in mois_passes(annee, jour):
        suivant = (mois + dt.timedelta(days=31)).replace(day=5)
        facturer(mois, regie, min(instant_de_paris(suivant, dt.time(9)), maintenant))
    for facture in Facture.objects.select_related("famille").order_by("pk"):
        if hasard.random() < 0.75 and facture.famille.nom != "LA STAR" and not facture.rum:
            regler(facture, hasard.choice(["cheque", "virement", "prelevement", "especes"]), regie, maintenant)
    quotient_tardif(annee, jour)
    la_star = list(Facture.objects.filter(famille__nom="LA STAR").order_by("mois"))
    if la_star:
        rendu = Decimal("2.85")
        emettre_avoir(la_star[0], rendu, "Repas du premier vendredi : sortie de classe", regie, maintenant)
        if len(la_star) > 1:  # la dernière reste à payer : en octobre, il n'y en a qu'une
            regler(la_star[0], "cheque", regie, maintenant, la_star[0].total - rendu)
    prelevements.prelever(regie, maintenant)
    payer_en_ligne(maintenant)


def payer_en_ligne(maintenant):
    """Deux familles paient par PayFiP, au guichet d'essai : l'un est reçu, l'autre donne un montant inattendu."""
    ici = settings.ADRESSE or "http://localhost"  # le guichet exige des adresses entières, et n'en appelle aucune
    impayees = Facture.objects.avec_reste().exclude(famille__nom="LA STAR").filter(
        reste__gte=1, rum="", famille__adultes__compte__isnull=False
    ).select_related("famille").distinct().order_by("-mois", "pk")[:2]  # fmt: skip
    for facture, (heures, scenario) in zip(impayees, [(44, "sans"), (20, "montant")], strict=False):
        quand = max(facture.emise_le, maintenant - dt.timedelta(hours=heures))
        parent = Compte.objects.filter(adulte__famille=facture.famille).order_by("pk").first()
        with guichet(quand) as service:
            paiement, _ = ouvrir_paiement(facture, parent, quand, ici, lambda _: ici)
            service.scenario = scenario
            service.payer(paiement.idop, "P", "sans")
            interroger(paiement, quand)


@contextmanager
def guichet(quand):
    """Le guichet d'essai, le temps de charger la ville ; ``quand`` est l'heure qu'il croit."""
    serveur = simulateur_payfip.ouvrir(simulateur=simulateur_payfip.Simulateur(quand.timestamp))
    threading.Thread(target=serveur.serve_forever, daemon=True).start()
    avant, settings.PAYFIP_URL = settings.PAYFIP_URL, f"http://127.0.0.1:{serveur.server_port}/"
    try:
        yield serveur.simulateur
    finally:
        settings.PAYFIP_URL = avant
        serveur.shutdown()
        serveur.server_close()


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
