"""Une année de la démonstration, close mois par mois : chaque compte se tient, et rien ne reste en l'air."""

import datetime as dt
import random
from decimal import Decimal as D

import pytest
from django.db.models import Sum

from commune.regles import instant_de_paris
from facturation import actions, regles
from facturation.models import (
    Avoir,
    Compteur,
    Facture,
    Ligne,
    Regie,
    Reglement,
    Remboursement,
    Report,
    avec_solde,
    releve,
)
from familles.models import Famille
from portail.actions import installer_textes
from portail.demo import GRAINE, familles, vie, ville
from portail.groupes import installer_groupes
from tests.fabriques import a_paris

pytestmark = pytest.mark.django_db


@pytest.fixture
def annee(monkeypatch, settings):
    """La ville de la démonstration en petit, réservée et pointée toute l'année scolaire."""
    settings.DEMO = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    monkeypatch.setattr(vie, "SEMAINES", 40)
    maintenant, hasard = a_paris(2027, 7, 20), random.Random(GRAINE)
    installer_groupes()
    installer_textes()
    scolaire = ville.installer(dt.date(2026, 9, 1), maintenant)
    foyers = familles.installer(hasard, dt.date(2027, 7, 20), maintenant, foyers=25)
    vie.installer(hasard, foyers, scolaire, dt.date(2027, 7, 20), maintenant)
    Regie.objects.create(seuil=60, iban="FR7630006000011234567890189")
    return [dt.date(2026, mois, 1) for mois in range(9, 13)] + [dt.date(2027, mois, 1) for mois in range(1, 8)]


def test_chaque_compte_vaut_ses_factures_moins_ses_avoirs_moins_ses_reglements(annee):
    hasard = random.Random(GRAINE)
    for mois in annee:
        le = instant_de_paris(regles.suivant(mois).replace(day=5), dt.time(9))
        annonce = actions.apercu(mois)
        actions.facturer(mois, None, le)
        emises = Facture.objects.filter(mois=mois)
        assert annonce.totaux == dict(emises.order_by().values_list("famille").annotate(s=Sum("total")))
        vivre(hasard, emises, le)
        verifier_les_comptes()
    assert {mois for mois in annee if Facture.objects.filter(mois=mois).exists()} >= set(annee[:10])
    assert Report.objects.exists()
    assert not Report.objects.en_attente().exists()  # l'année finie, plus personne n'est inscrit : tout est émis
    tout_est_facture_une_fois(annee)
    for exercice in (2026, 2027):
        numeros = sorted(Facture.objects.filter(exercice=exercice).values_list("numero", flat=True))
        assert numeros == list(range(1, Compteur.objects.get(serie="F", exercice=exercice).dernier + 1))


def vivre(hasard, factures, le):
    """Payées en entier, en partie, trop, ou pas ; corrigées parfois ; une avance parfois rendue."""
    for rang, facture in enumerate(factures.select_related("famille").order_by("pk")):
        sort, quand = hasard.random(), le + dt.timedelta(days=7, minutes=rang)
        if sort < 0.1:
            actions.emettre_avoir(facture, min(facture.total, D("4.10")), "Sortie de classe", None, quand)
        if sort < 0.75:
            part = hasard.choice([D(1), D(1), D("0.5"), D("1.2")])
            somme = regles.arrondir(facture.total * part)
            actions.encaisser(facture.famille, somme, "virement", None, quand, facture=hasard.choice([facture, None]))
    avances = avec_solde(Famille.objects.all()).filter(solde__lt=-20).order_by("pk")
    for famille in avances[:1]:
        moitie = regles.arrondir(-famille.solde / 2)
        actions.rembourser(famille, moitie, "virement", "VIR 12", "Trop versé", None, le + dt.timedelta(days=9))


def verifier_les_comptes():
    def somme(lignes, colonne="montant"):
        return lignes.aggregate(s=Sum(colonne))["s"] or D(0)

    for famille in avec_solde(Famille.objects.all()):
        du = (
            somme(Facture.objects.filter(famille=famille), "total")
            - somme(Avoir.objects.filter(facture__famille=famille))
            - somme(Reglement.objects.filter(famille=famille, annule_le=None))
            + somme(Remboursement.objects.filter(famille=famille, annule_le=None))
        )
        mouvements = releve(famille)
        assert famille.solde == du == (mouvements[-1].solde if mouvements else D(0)), famille
        # Ce qui reste à payer, facture par facture, est ce que doit le foyer ; une avance ne laisse rien à payer.
        assert sum((f.reste for f in Facture.objects.filter(famille=famille).avec_reste()), D(0)) == max(du, D(0))


def tout_est_facture_une_fois(annee):
    """Les lignes émises sont, acte pour acte, ce que l'année a d'actes facturables."""
    lignes = list(Ligne.objects.order_by().values_list("enfant", "seance"))
    assert len(lignes) == len(set(lignes))
    foyers = list(Famille.objects.values_list("pk", flat=True))
    attendues = {
        (ligne.fait.enfant, ligne.fait.seance)
        for mois in annee for siennes in actions.mois.Mois(mois).prestations(foyers).values() for ligne in siennes
    }  # fmt: skip
    payants = set(Facture.objects.values_list("famille", flat=True))
    assert len(payants) > 15
    assert set(lignes) <= attendues
    assert len(attendues - set(lignes)) == 0
