"""Une année de la démonstration, close mois par mois : chaque compte se tient, et rien ne reste en l'air."""

import datetime as dt
import random
from collections import defaultdict
from decimal import Decimal as D

import pytest
from django.db import connection
from django.db.models import Count, Sum

from commune.regles import instant_de_paris
from facturation import actions, regles
from facturation.models import (
    Avoir,
    Compteur,
    Contestation,
    Facture,
    Ligne,
    LigneCorrigee,
    LigneRendue,
    Paiement,
    Prelevement,
    Regie,
    Reglement,
    Remboursement,
    Report,
    avec_solde,
    factures_a_corriger,
    jours_oublies,
    releve,
)
from familles.models import Famille, Quotient
from portail.actions import installer_textes
from portail.demo import GRAINE, familles, vie, ville
from reservations.actions import appliquer, lever
from reservations.models import Evenement, Seance
from tests.fabriques import a_paris

pytestmark = pytest.mark.django_db
IBAN = "FR7630006000011234567890189"


# Toutes les familles de la démonstration (330) à deux jours d'école par mois ; quelques-unes, à tous les jours.
ANNEES = {"toutes les familles": (330, 2), "tous les jours": (25, 31)}


@pytest.fixture(params=ANNEES)
def annee(request, monkeypatch, settings):
    """La ville de la démonstration, réservée et pointée toute l'année scolaire, aux premiers jours de chaque mois."""
    combien, jours = ANNEES[request.param]
    settings.DEMO = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    monkeypatch.setattr(vie, "SEMAINES", 40)
    maintenant, hasard = a_paris(2027, 7, 20), random.Random(GRAINE)
    installer_textes()
    scolaire = ville.installer(dt.date(2026, 9, 1), maintenant)
    foyers = familles.installer(hasard, dt.date(2027, 7, 20), maintenant, foyers=combien)
    garder_les_premiers_jours(jours)
    vie.installer(hasard, foyers, scolaire, dt.date(2027, 7, 20), maintenant)
    Regie.objects.create(
        seuil=60 if jours > 2 else 8, iban=IBAN, sepa_bic="AGRIFRPP", payfip="regie", payfip_client="006382",
        payfip_saisie="W",
    )  # fmt: skip
    with connection.cursor() as curseur:
        curseur.execute("ANALYZE")  # sans statistiques, chaque lot relirait tous les pointages : trois minutes de plus
    return [dt.date(2026, mois, 1) for mois in range(9, 13)] + [dt.date(2027, mois, 1) for mois in range(1, 8)]


def garder_les_premiers_jours(combien):
    """Les autres séances s'effacent : un mois de deux jours se facture comme un autre, et dix fois plus vite."""
    par_mois = defaultdict(set)
    for jour in Seance.objects.filter(ouverte=True).order_by("jour").values_list("jour", flat=True).distinct():
        if len(par_mois[regles.premier(jour)]) < combien:
            par_mois[regles.premier(jour)].add(jour)
    Seance.objects.exclude(jour__in=set().union(*par_mois.values())).delete()


def test_chaque_compte_vaut_ses_factures_moins_ses_avoirs_moins_ses_reglements(annee, service):
    hasard, greve = random.Random(GRAINE), None
    for foyer in Famille.objects.filter(reservations__isnull=False).distinct().order_by("pk")[:3]:
        actions.signer_mandat(foyer, "Mme Celine LA STAR", IBAN, dt.date(2026, 9, 1))
    for mois in annee:
        le = instant_de_paris(regles.suivant(mois).replace(day=5), dt.time(9))
        annonce = actions.apercu(mois)
        actions.facturer(mois, None, le)
        actions.refaire_les_statistiques()
        emises = Facture.objects.filter(mois=mois)
        assert annonce.totaux == dict(emises.order_by().values_list("famille").annotate(s=Sum("total")))
        vivre(hasard, emises, le)
        payer_en_ligne(service, emises, le)
        prelever(emises, le, "AM04" if mois.month % 2 else None)
        contester(emises, le, accepter=mois.month % 2)
        greve = faire_greve(mois, le) if greve is None else refacturer(greve, le) if mois.month == 11 else greve
        apprendre_un_quotient(mois, le)
        verifier_les_comptes(mois, tous=mois == annee[-1])
    assert {mois for mois in annee if Facture.objects.filter(mois=mois).exists()} >= set(annee[:10])
    assert Report.objects.exists()
    assert not Report.objects.en_attente().exists()  # l'année finie, plus personne n'est inscrit : tout est émis
    tout_est_facture_une_fois(annee)
    # L'année a bien eu de tout : sans quoi les comptes ne prouveraient rien.
    assert Paiement.objects.filter(etat="paye").count() >= 5
    assert Prelevement.objects.filter(etat="remis").count() >= 5
    assert Prelevement.objects.filter(etat="rejete").exists()
    assert set(Contestation.objects.values_list("etat", flat=True)) == {"acceptee", "refusee"}
    assert LigneCorrigee.objects.exists()
    assert Avoir.objects.filter(evenement=greve).exists()
    assert LigneRendue.objects.filter(avoir__evenement=greve).exists()
    assert Report.objects.exclude(actes__isnull=True).exists()
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


def payer_en_ligne(service, factures, le):
    """Deux parents paient chacun leur facture par le vrai dialogue avec le simulateur de PayFiP."""
    siennes = factures.avec_reste().filter(rum="", reste__gt=1, famille__adultes__compte__is_active=True).distinct()
    for rang, facture in enumerate(siennes.order_by("-pk")[:2]):
        compte = facture.famille.adultes.exclude(compte=None).first().compte
        paiement, _ = actions.ouvrir_paiement(
            facture, compte, le + dt.timedelta(days=8, minutes=rang), "http://127.0.0.1:9/n",
            lambda p: f"http://127.0.0.1:9/{p.refdet}",
        )  # fmt: skip
        service.payer(paiement.idop, "P", "sans")
        actions.interroger(Paiement.objects.get(pk=paiement.pk), le + dt.timedelta(days=8, minutes=10 + rang))


def prelever(factures, le, motif):
    """Le lot du jour annoncé, remis ; avec un ``motif``, son premier débit revient rejeté."""
    jour = factures.exclude(rum="").values_list("preleve_le", flat=True).first()
    if jour is None or not actions.projeter(jour).retenus:
        return
    avant = le + dt.timedelta(days=10)
    lot = actions.remettre_lot(actions.preparer_lot(jour, None, avant), None, avant)
    if motif:
        apres = instant_de_paris(jour + dt.timedelta(days=3), dt.time(9))
        actions.rejeter(lot.prelevements.order_by("pk").first(), motif, jour + dt.timedelta(days=2), None, apres)


def contester(factures, le, accepter):
    """Une ligne contestée : rendue par un avoir, ou refusée."""
    lignes = Ligne.objects.filter(facture__in=factures, rendue=None, montant__gt=0)
    ligne = lignes.select_related("facture__famille").order_by("-pk").first()
    if ligne is None:
        return
    quand = le + dt.timedelta(days=11)
    faite = actions.contester(ligne, "Mon enfant n'est pas venu.", None, None, quand)
    if not accepter:
        actions.refuser_contestation(faite, "La feuille d'appel dit le contraire.", None, quand)
    elif actions.caisse.reste_a_rendre(ligne.facture) > 0:
        actions.accepter_contestation(faite, "deduire", "C'est exact.", None, quand)


def faire_greve(mois, le):
    """Une grève apprise après coup : le jour du mois où il y a le plus de lignes se rend, à toutes les familles."""
    jours = Ligne.objects.filter(facture__mois=mois, jour__gte=mois).order_by().values_list("jour")
    jour, _ = jours.annotate(n=Count("pk")).order_by("-n", "jour").first()
    greve = Evenement.objects.create(nature="greve", libelle="Grève", du=jour, au=jour, cree_le=le)
    appliquer(greve, None, le + dt.timedelta(days=12))
    assert actions.crediter(greve.pk, le + dt.timedelta(days=12))
    return greve


def refacturer(greve, le):
    """La grève est levée : ses jours restent dus, et vont sur les prochaines factures."""
    lever(greve, None, le + dt.timedelta(days=12))
    periode = dt.date(2026, 9, 1), regles.premier(le.date())
    actions.refacturer({oubli.cle for oubli in jours_oublies(*periode)}, *periode)
    assert jours_oublies(*periode) == []
    return greve


def apprendre_un_quotient(mois, le):
    """En novembre, deux foyers apportent un quotient qui vaut depuis la rentrée : leurs factures se corrigent."""
    if mois.month != 11:
        return
    for foyer in Famille.objects.filter(factures__lignes__regle__contains=regles.FAUTE).distinct().order_by("pk")[:2]:
        Quotient.objects.create(famille=foyer, valeur=300, debut=dt.date(2026, 9, 1), preuve="attestation CAF")
    for facture, revision in factures_a_corriger(dt.date(2026, 9, 1)):
        if revision.rendre <= actions.caisse.reste_a_rendre(facture):
            actions.corriger(facture, revision.rendre, None, le + dt.timedelta(days=13))


def verifier_les_comptes(mois, tous=False):
    """Le solde de chaque foyer, au centime ; le relevé et ce qui reste de chaque facture, pour un foyer sur onze chaque
    mois, et pour tous à la fin."""

    def sommes(modele, foyer, colonne="montant", **filtre):
        lignes = modele.objects.filter(**filtre).order_by().values_list(foyer).annotate(s=Sum(colonne))
        return defaultdict(D, lignes)

    factures, avoirs = sommes(Facture, "famille", "total"), sommes(Avoir, "facture__famille")
    recus, rendus = sommes(Reglement, "famille", annule_le=None), sommes(Remboursement, "famille", annule_le=None)
    familles = list(avec_solde(Famille.objects.all()))
    assert len(familles) >= 25
    regardees = [famille for famille in familles if tous or famille.pk % 11 == mois.month - 1]
    restes = defaultdict(D)
    for facture in Facture.objects.filter(famille__in=regardees).avec_reste():
        restes[facture.famille_id] += facture.reste
    for famille in familles:
        du = factures[famille.pk] - avoirs[famille.pk] - recus[famille.pk] + rendus[famille.pk]
        assert famille.solde == du, famille
    for famille in regardees:
        mouvements = releve(famille)
        assert famille.solde == (mouvements[-1].solde if mouvements else D(0)), famille
        # Ce qui reste à payer, facture par facture, est ce que doit le foyer ; une avance ne laisse rien à payer.
        assert restes[famille.pk] == max(famille.solde, D(0)), famille


def tout_est_facture_une_fois(annee):
    """Les lignes émises que rien n'a rendues sont, acte pour acte, ce que l'année a d'actes facturables."""
    lignes = list(Ligne.objects.filter(rendue=None).order_by().values_list("enfant", "seance"))
    accordes = Contestation.objects.filter(etat="acceptee").values_list("ligne__enfant", "ligne__seance")
    assert len(lignes) == len(set(lignes))
    foyers = list(Famille.objects.values_list("pk", flat=True))
    attendues = {
        (ligne.fait.enfant, ligne.fait.seance)
        for mois in annee for siennes in actions.mois.Mois(mois).prestations(foyers).values() for ligne in siennes
    }  # fmt: skip
    payants = set(Facture.objects.values_list("famille", flat=True))
    assert len(payants) > 15
    assert set(lignes) <= attendues
    assert attendues - set(lignes) == set(accordes)
