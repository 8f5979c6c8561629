"""Tuer la facturation n'importe où, ou la lancer deux fois : aucun trou, rien en double."""

import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal as D
from threading import Barrier

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.db.models import Count, Sum

from facturation import actions
from facturation.models import Avoir, Budget, Compteur, Facturation, Facture, Ligne, Regie, Reglement, Report, Tarif
from inscriptions.models import Activite
from tests import fabriques

from .ville import MAINTENANT, SEPTEMBRE, ville

pytestmark = pytest.mark.django_db(transaction=True)


def effacer():
    """Seul TRUNCATE efface des factures : la base refuse DELETE."""
    with connection.cursor() as curseur:
        curseur.execute(
            "TRUNCATE facturation_facture, facturation_facturation, facturation_compteur, facturation_ligne,"
            " facturation_avoir, facturation_reglement, facturation_report CASCADE"
        )


def verifier_l_etat():
    """Ce qui est écrit à cet instant est entier : pas de trou, pas de double, chaque total juste."""
    numeros = sorted(Facture.objects.values_list("numero", flat=True))
    assert numeros == list(range(1, len(numeros) + 1))
    assert (Compteur.objects.filter(serie="F").values_list("dernier", flat=True).first() or 0) == len(numeros)
    assert Facture.objects.values("famille", "budget").annotate(n=Count("pk")).filter(n__gt=1).count() == 0
    assert Ligne.objects.order_by().values("enfant", "seance").annotate(n=Count("pk")).filter(n__gt=1).count() == 0
    assert [f for f in Facture.objects.annotate(s=Sum("lignes__montant")) if f.total != f.s] == []


def facturer_et_mourir(instruction, lot=3):
    """Un vrai processus qui facture et reçoit SIGKILL à sa n-ième instruction ; vrai s'il en est mort."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        vues = 0

        def compter(executer, sql, params, many, contexte):
            nonlocal vues
            vues += 1
            if vues == instruction:
                os.kill(os.getpid(), signal.SIGKILL)
            return executer(sql, params, many, contexte)

        try:
            with connection.execute_wrapper(compter):
                actions.facturer(SEPTEMBRE, None, MAINTENANT, lot=lot)
        finally:
            os._exit(0)
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])


def test_tuee_a_chaque_instruction_elle_reprend_sans_trou_ni_double():
    ville(8, par_jour=1)
    attendu = actions.apercu(SEPTEMBRE).totaux
    instruction, partielles = 1, 0
    while True:
        effacer()
        if not facturer_et_mourir(instruction):
            break
        verifier_l_etat()
        partielles += 0 < Facture.objects.count() < 8
        actions.facturer(SEPTEMBRE, None, MAINTENANT, lot=3)
        verifier_l_etat()
        assert dict(Facture.objects.values_list("famille", "total")) == attendu
        facturation = Facturation.objects.get()
        assert (facturation.faites, facturation.traites, facturation.terminee_le) == (8, 8, MAINTENANT)
        instruction += 3
    assert instruction > 40
    assert partielles > 5


def test_tuee_vingt_fois_au_hasard_en_un_seul_mois():
    """Vingt morts de suite, jamais deux fois au même endroit ; factures et reports finissent comme d'un trait.

    Deux budgets, donc deux factures par foyer ; et le soir au forfait de l'année, une ligne par enfant.
    """
    familles = ville(60, par_jour=2)
    fabriques.annee()
    Tarif.objects.filter(genre="soir").update(unite="annee")
    Budget.objects.create(nom="Loisirs").activites.create(genre="soir")
    Regie.objects.create(seuil=75)
    midi = Activite.objects.get(genre="midi")
    for famille in familles[::2]:  # ceux-là restent inscrits : leur petite dette peut attendre
        fabriques.inscription(famille.enfants.first(), midi, famille=famille)
    attendu, hasard, morts = actions.apercu(SEPTEMBRE), random.Random(20), 0
    assert attendu.totaux
    assert attendu.reportes
    while morts < 20:
        morts += facturer_et_mourir(hasard.randint(8, 60), lot=1)
        verifier_l_etat()
        assert Facturation.objects.count() == 0 or Facturation.objects.get().terminee_le is None
    actions.facturer(SEPTEMBRE, None, MAINTENANT, lot=7)
    verifier_l_etat()
    par_foyer = Facture.objects.order_by().values_list("famille").annotate(s=Sum("total"))
    assert dict(par_foyer) == attendu.totaux
    assert dict(Report.objects.values_list("famille", "montant")) == attendu.reportes
    facturation = Facturation.objects.get()
    assert (facturation.faites, facturation.reportes, facturation.traites) == (
        attendu.factures, len(attendu.reportes), 60,
    )
    forfaits = Ligne.objects.exclude(annee=None).order_by().values_list("enfant", flat=True)
    assert len(forfaits) == len(set(forfaits)) == 120
    assert set(Facture.objects.values_list("budget__nom", flat=True)) == {None, "Loisirs"}


def test_la_commande_tuee_en_plein_vol_puis_relancee():
    ville(60, par_jour=1)
    attendu = actions.apercu(SEPTEMBRE).totaux
    base = connection.settings_dict
    environnement = os.environ | {
        "DATABASE_URL": f"postgresql://postgres@/{base['NAME']}?host={base['HOST'] or base['OPTIONS'].get('host', '')}",
        "DEBUG": "1", "DJANGO_SETTINGS_MODULE": "portail.settings",
    }  # fmt: skip
    commande = [sys.executable, "manage.py", "facturer", "2026-09", "--lot", "1"]
    processus = subprocess.Popen(commande, cwd=settings.BASE_DIR, env=environnement)
    limite = time.monotonic() + 60
    while Facture.objects.count() < 5 and time.monotonic() < limite:
        time.sleep(0.005)
    processus.kill()
    processus.wait()
    assert processus.returncode == -signal.SIGKILL
    assert 5 <= Facture.objects.count() < 60
    verifier_l_etat()
    subprocess.run(commande, cwd=settings.BASE_DIR, env=environnement, check=True, capture_output=True)
    verifier_l_etat()
    assert dict(Facture.objects.values_list("famille", "total")) == attendu


def ensemble(*fonctions):
    """Lance les fonctions au même instant, chacune dans sa connexion ; rend leurs résultats ou leurs refus."""
    depart = Barrier(len(fonctions))

    def courir(fonction):
        try:
            depart.wait()
            return fonction()
        except ValidationError as refus:
            return refus.code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(fonctions)) as fils:
        return list(fils.map(courir, fonctions))


def test_deux_facturations_en_meme_temps_se_partagent_les_foyers():
    ville(24, par_jour=1)
    attendu = actions.apercu(SEPTEMBRE).totaux
    ensemble(*[lambda: actions.facturer(SEPTEMBRE, None, MAINTENANT, lot=2)] * 3)
    verifier_l_etat()
    assert dict(Facture.objects.values_list("famille", "total")) == attendu
    assert (Facturation.objects.get().faites, Facturation.objects.get().traites) == (24, 24)


def test_un_double_clic_n_encaisse_qu_une_fois():
    foyer = fabriques.famille()
    jeton = "5f0c7f7e-6f5e-4a4c-9d3f-000000000001"
    recus = ensemble(*[lambda: actions.encaisser(foyer, D("12.50"), "cheque", None, MAINTENANT, jeton=jeton)] * 4)
    assert len({recu.pk for recu in recus}) == 1
    assert Reglement.objects.get().montant == D("12.50")


def test_deux_avoirs_en_meme_temps_ne_depassent_pas_la_facture():
    facture = fabriques.facture(fabriques.famille(), total="10")
    rendus = ensemble(*[lambda: actions.emettre_avoir(facture, D("6"), "Sortie de classe", None, MAINTENANT)] * 3)
    assert sorted(str(r) for r in rendus) == ["Avoir A2026-000001", "trop", "trop"]
    assert Avoir.objects.get().montant == D("6")


def test_trois_corrections_en_meme_temps_ne_rendent_qu_une_fois():
    fabriques.commune()
    fabriques.tarif()
    hugo = fabriques.enfant(fabriques.famille())
    fabriques.reservation(hugo, fabriques.seance(fabriques.activite(), SEPTEMBRE))
    actions.facturer(SEPTEMBRE, None, MAINTENANT)
    facture = Facture.objects.get()
    hugo.familles.get().quotients.create(valeur=742, debut=SEPTEMBRE, preuve="attestation CAF")
    rendus = ensemble(*[lambda: actions.corriger(facture, D("0.75"), None, MAINTENANT)] * 3)
    assert sorted(str(r) for r in rendus) == ["Avoir A2026-000001", "rien", "rien"]
    assert Avoir.objects.get().montant == D("0.75")
