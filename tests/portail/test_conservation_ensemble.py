"""La fin de conservation interrompue, répétée, comptée, et pendant qu'un parent se connecte. Sur un vrai PostgreSQL."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from familles.models import Famille
from messagerie.models import Message
from portail import actions, taches
from portail.actions import conservation, effacement
from portail.models import Compte, Effacement
from reservations.models import Mouvement
from tests import fabriques as f
from tests.acces import MAINTENANT, contenu, maison
from tests.beaucoup import BEAUCOUP, enfants, foyers, memes_requetes
from tests.conftest import travailler
from tests.portail.conservation import APRES, FIN, PREAVIS, bilan, fichiers

pytestmark = pytest.mark.django_db


# --- Interrompue, répétée, ensemble ---------------------------------------------------------------------------------
def test_une_famille_qui_echoue_n_arrete_pas_les_autres_et_se_reprend(ici, zut, monkeypatch, caplog):
    deux = maison(ici, "Deux")
    actions.purger(PREAVIS)
    travailler()
    vrai, leurs = effacement.effacer_contenu, fichiers(zut.foyer)

    def casser(famille, enfants):
        vrai(famille, enfants)
        if famille.pk == zut.foyer.pk:
            raise RuntimeError("ZutLA STAR")

    monkeypatch.setattr(conservation, "effacer_contenu", casser)
    assert bilan(FIN) == (0, 1, 1)
    travailler()
    assert all(default_storage.exists(nom) for nom in leurs)
    assert Famille.objects.get(pk=zut.foyer.pk).nom == "ZutLA STAR"
    assert Famille.objects.get(pk=deux.foyer.pk).nom == f"EFFACÉE {deux.foyer.pk}"
    assert [r.getMessage() for r in caplog.records if r.name == "portail.conservation"] == [
        f"Fin de conservation, famille {zut.foyer.pk} : RuntimeError"
    ]
    monkeypatch.undo()
    assert bilan(APRES) == (0, 1, 0)
    travailler()
    assert [nom for nom in leurs if default_storage.exists(nom)] == []


def test_autant_de_requetes_pour_une_petite_famille_que_pour_une_grande(ici, zut):
    grande = maison(ici, "Grande")
    for rang in range(6):
        petit = f.enfant(grande.foyer, prenom=f"Enfant {rang}", ecole=ici.site)
        f.inscription(petit, ici.midi, famille=grande.foyer)
        for n in range(5):
            f.reservation(petit, f.seance(f.activite(site=ici.site), dt.date(2026, 12, 1 + n)))
            Message.objects.create(famille=grande.foyer, texte="…", envoye_le=MAINTENANT)
            f.piece(ici.domicile, grande.foyer, etat="validee")
    actions.purger(PREAVIS)
    comptes = []
    for foyer in (zut.foyer, grande.foyer):
        with CaptureQueriesContext(connection) as requetes:
            assert conservation.effacer_famille(foyer.pk, FIN) == 1
        comptes.append(len(requetes))
    assert comptes[0] == comptes[1] < 90


def test_prevoir_ne_coute_pas_plus_pour_trois_cents_familles_que_pour_une(zut):
    with memes_requetes(lambda: actions.prevoir(FIN), au_plus=8):
        enfants(foyers(), ecole=zut.hugo.ecole)
    assert len(actions.prevoir(FIN).prevenir) == BEAUCOUP


def test_dire_n_ecrit_rien_et_ne_nomme_personne(zut, capsys, time_machine):
    conservation.prevenir(zut.foyer.pk, PREAVIS)
    avant = contenu()
    time_machine.move_to(FIN, tick=False)
    call_command("purger", "--dire")
    assert contenu() == avant
    dit = capsys.readouterr().out
    assert f"Familles à effacer : 1 (n° {zut.foyer.pk})" in dit
    assert f"Enfants dont la santé s'efface : 1 (n° {zut.hugo.pk})" in dit
    assert "Zut" not in dit


def test_la_commande_dit_ce_qu_elle_a_fait(zut, capsys, time_machine):
    time_machine.move_to(PREAVIS, tick=False)
    call_command("purger")
    assert "Santé effacée : 1 enfants. Familles prévenues : 1, effacées : 0." in capsys.readouterr().out


def test_la_base_n_ouvre_le_journal_scelle_que_pour_en_effacer_le_motif(zut):
    with connection.cursor() as curseur:
        curseur.execute("SET LOCAL portail.purge = 'oui'")
    for geste in (
        lambda: Mouvement.objects.update(motif="récrit"),
        lambda: Mouvement.objects.update(motif="", apres="annulee"),
        lambda: Mouvement.objects.update(motif="", compte=None),
        lambda: Mouvement.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(IntegrityError, match="ne se récrit pas"), transaction.atomic():
            geste()
    Mouvement.objects.update(motif="")


# --- De vraies transactions ---------------------------------------------------------------------------------------
def a_cote(fonction):
    """Lance la fonction dans un autre fil et sa propre connexion ; rend le futur de son résultat."""

    def courir():
        try:
            return fonction()
        finally:
            connection.close()

    fil = ThreadPoolExecutor(1)
    futur = fil.submit(courir)
    fil.shutdown(wait=False)
    return futur


def attendre_un_verrou():
    for _ in range(200):
        with connection.cursor() as curseur:
            curseur.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if curseur.fetchone()[0]:
                return
        threading.Event().wait(0.05)
    pytest.fail("rien n'attend")


@pytest.mark.django_db(transaction=True)
def test_un_parent_qui_se_connecte_a_l_instant_garde_tout(zut):
    actions.purger(PREAVIS)
    avant = contenu()
    with transaction.atomic():
        Compte.objects.filter(pk=zut.compte.pk).update(last_login=FIN)
        purge = a_cote(lambda: actions.purger(FIN))
        attendre_un_verrou()
    assert purge.result(30).effacees == 0
    apres = contenu()
    assert {t for t in avant if avant[t] != apres[t]} == {"portail.Compte"}  # la connexion elle-même


@pytest.mark.django_db(transaction=True)
def test_une_connexion_pendant_l_effacement_n_ouvre_rien(zut):
    actions.purger(PREAVIS)
    client = Client()
    with transaction.atomic():
        assert conservation.effacer_famille(zut.foyer.pk, FIN) == 1
        connexion = a_cote(lambda: client.force_login(zut.compte))
        attendre_un_verrou()
    connexion.result(30)
    assert reverse("connexion") in client.get(reverse("accueil")).headers["Location"]


@pytest.mark.django_db(transaction=True)
def test_deux_purges_ensemble_n_en_font_qu_une(ici, zut, courriels):
    maison(ici, "Deux")
    for maintenant, champ in ((PREAVIS, "prevenues"), (FIN, "effacees")):
        futurs = [a_cote(lambda maintenant=maintenant: actions.purger(maintenant)) for _ in range(3)]
        bilans = [futur.result(60) for futur in futurs]
        assert sum(getattr(b, champ) for b in bilans) == 2
        assert sum(b.echecs for b in bilans) == 0
    sujets = sorted(c["Subject"] for c in courriels())
    assert sujets.count("Votre Espace Famille va être effacé") == 2


@pytest.mark.django_db(transaction=True)
def test_la_tache_de_la_nuit_fait_tout_par_le_vrai_ouvrier(zut, time_machine):
    leurs = fichiers(zut.foyer)
    for nuit in (PREAVIS, FIN):
        time_machine.move_to(nuit, tick=False)
        taches.conservation.defer(timestamp=0)
        travailler()
    assert set(ProcrastinateJob.objects.values_list("status", flat=True)) == {"succeeded"}
    assert Effacement.objects.get().effacee_le == FIN
    assert [nom for nom in leurs if default_storage.exists(nom)] == []
