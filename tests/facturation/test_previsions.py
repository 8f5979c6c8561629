"""L'aperçu d'un mois : à l'instant dans une petite ville, par une tâche dans une grande, et toujours le même."""

import datetime as dt
from decimal import Decimal as D

import pytest
import time_machine
from django.urls import reverse

from facturation import actions, taches
from facturation.models import Facture, Prevision
from familles.models import Quotient
from presences.models import Pointage
from reservations.models import Mouvement
from tests import fabriques as f
from tests.conftest import travailler

from .test_admin import page, texte
from .ville import MAINTENANT, SEPTEMBRE, ville

pytestmark = pytest.mark.django_db
CHOIX = {"mois": "2026-09", "echeance": "2026-11-15"}
AJOUTER, PREVOIR = page("facturation_add"), page("facturation_prevoir")


@pytest.fixture
def regie(client):
    f.commune()
    compte = f.agent("Régie", prenom="Claire", nom="MARTIN")
    client.force_login(compte)
    with time_machine.travel(MAINTENANT, tick=False):
        yield compte


@pytest.fixture
def grande(monkeypatch):
    """Toute ville est grande : sa page n'attend pas le calcul."""
    monkeypatch.setattr("facturation.actions.previsions.TOUT_DE_SUITE", 0)


def test_une_petite_ville_le_voit_aussitot_et_rien_ne_s_ecrit(client, regie):
    ville(4, par_jour=1)
    vue = client.get(AJOUTER, CHOIX)
    assert "Émettre 4 factures" in texte(vue)
    assert "Calculer" not in texte(vue)
    assert Prevision.objects.count() == 0


def test_un_lien_qui_ne_dit_que_le_mois_n_affiche_pas_l_echeance_en_rouge(client, regie):
    ville(2, par_jour=1)
    vue = client.get(AJOUTER, {"mois": "2026-09"})
    assert vue.context["form"].errors == {}
    assert 'role="alert"' not in texte(vue)
    assert "Émettre 2 factures" in texte(vue)


def test_une_grande_ville_le_demande_et_le_lit_quand_il_est_pret(client, regie, grande):
    ville(4, par_jour=1)
    avant = texte(client.get(AJOUTER, CHOIX))
    assert "Calculer l'aperçu" in avant
    assert "Émettre" not in avant.partition("<main")[2].replace("Émettre</", "")
    suite = client.post(PREVOIR, CHOIX)
    assert suite.url == f"{AJOUTER}?mois=2026-09&echeance=2026-11-15"
    attente = texte(client.get(suite.url))
    assert 'http-equiv="refresh"' in attente
    assert "Calcul en cours : 0 foyer lu sur 4" in attente
    travailler()
    pret = client.get(suite.url)
    assert "refresh" not in texte(pret)
    assert "par Claire MARTIN" in texte(pret)
    assert "Rien n'a changé depuis" in texte(pret)
    assert "Émettre 4 factures" in texte(pret)
    annonce = pret.context["apercu"]
    with time_machine.travel(MAINTENANT, tick=False):
        actions.facturer(SEPTEMBRE, None, MAINTENANT)
    assert (annonce.factures, annonce.total) == (4, sum(Facture.objects.values_list("total", flat=True)))


def test_les_deux_chemins_disent_pareil(regie, monkeypatch):
    ville(9)
    ici = actions.prevoir(Prevision(mois=SEPTEMBRE, demandee_le=MAINTENANT))
    demandee = actions.demander_prevision(SEPTEMBRE, regie, MAINTENANT)
    actions.calculer_prevision(demandee.pk, MAINTENANT)
    demandee.refresh_from_db()
    for nom in ("factures", "total", "reportes", "reporte", "sans_facture", "activites", "ecarts", "total_avant"):
        assert getattr(demandee, nom) == getattr(ici, nom), nom
    assert demandee.faites == demandee.a_faire == 9


CHANGEMENTS = {
    "une réservation": lambda hugo, seance: f.reservation(hugo, f.seance(seance.activite, dt.date(2026, 9, 9))),
    "un pointage": lambda hugo, seance: Pointage.objects.create(
        enfant=hugo, seance=seance, etat="absent", recu_le=MAINTENANT + dt.timedelta(hours=1)
    ),
    "un quotient": lambda hugo, seance: Quotient.objects.create(
        famille=hugo.rattachements.get().famille, valeur=700, debut=SEPTEMBRE, preuve="attestation"
    ),
    "une excuse": lambda hugo, seance: f.excuse(  # décidée avant l'aperçu, certifiée depuis
        hugo.reservations.get(), etat="acceptee", decidee_le=MAINTENANT - dt.timedelta(days=1), fichier="mot.pdf",
        certifie_le=MAINTENANT + dt.timedelta(hours=1),
    ),
}


@pytest.mark.parametrize("quoi", CHANGEMENTS)
def test_il_dit_ce_qui_a_change_depuis(client, regie, grande, quoi):
    f.tarif()
    hugo = f.enfant()
    seance = f.seance(f.activite(), dt.date(2026, 9, 3))
    f.reservation(hugo, seance)
    vue = client.post(PREVOIR, CHOIX)
    travailler()
    assert "Rien n'a changé depuis" in texte(client.get(vue.url))
    if quoi == "une réservation":
        autre = CHANGEMENTS[quoi](hugo, seance)
        Mouvement.objects.create(reservation=autre, apres="reservee", origine="mairie", instant=MAINTENANT)
    else:
        CHANGEMENTS[quoi](hugo, seance)
    assert f"Depuis, {quoi} au moins a changé" in texte(client.get(vue.url))
    client.post(PREVOIR, CHOIX)
    travailler()
    if quoi not in ("un pointage", "une excuse"):  # reçu dans une heure : il reste à venir
        assert "Rien n'a changé depuis" in texte(client.get(vue.url))


def test_un_refus_s_affiche_et_se_recalcule(client, regie, grande):
    f.tarif()
    f.reservation(f.enfant(), f.seance(f.activite(), dt.date(2026, 9, 3)))
    prevision = actions.demander_prevision(SEPTEMBRE, regie, MAINTENANT)
    Prevision.objects.filter(pk=prevision.pk).update(incident="Sans tarif : Soir.")
    assert "Sans tarif : Soir." in texte(client.get(AJOUTER, CHOIX))
    client.post(PREVOIR, CHOIX)
    travailler()
    assert "Émettre 1 facture" in texte(client.get(AJOUTER, CHOIX))


def test_deux_demandes_a_la_suite_n_en_font_qu_une(client, regie, grande):
    ville(2, par_jour=1)
    client.post(PREVOIR, CHOIX)
    client.post(PREVOIR, CHOIX)
    assert Prevision.objects.count() == 1
    travailler()
    taches.prevoir(Prevision.objects.get().pk)  # déjà finie : sans effet
    assert Prevision.objects.get().factures == 2


def test_les_foyers_a_regarder_se_lisent_page_par_page(client, regie, django_assert_max_num_queries):
    familles = ville(60, par_jour=1, enfants=1)
    f.facture(familles[0], mois=dt.date(2026, 8, 1), total="12.00")  # un mois d'avant : tous les autres sont nouveaux
    une = client.get(AJOUTER, CHOIX)
    assert "À regarder : 59 foyers" in texte(une) or "À regarder : 60 foyers" in texte(une)
    combien = une.context["page"].paginator.count
    assert len(une.context["ecarts"]) == 25
    lus = [ligne[0] for n in (1, 2, 3) for ligne in client.get(AJOUTER, CHOIX | {"page": n}).context["ecarts"]]
    assert len(set(lus)) == len(lus) == combien
    assert "page=2#apercu" in texte(une).replace("&amp;", "&")


def test_une_date_forgee_ne_demande_rien(client, regie, grande):
    ville(2, par_jour=1)
    assert client.post(PREVOIR, {"mois": "2031-99"}).status_code == 302
    assert client.get(PREVOIR).status_code == 403
    assert Prevision.objects.count() == 0


def test_les_vieux_apercus_s_effacent(regie):
    actions.demander_prevision(SEPTEMBRE, regie, MAINTENANT)
    assert actions.purger_previsions(MAINTENANT + dt.timedelta(days=6)) == 0
    assert actions.purger_previsions(MAINTENANT + dt.timedelta(days=8)) == 1


@pytest.mark.parametrize("groupe", ["Périscolaire", "Agents"])
def test_un_autre_groupe_n_en_demande_pas(client, grande, groupe):
    f.commune()
    client.force_login(f.agent(groupe))
    assert client.post(reverse("admin:facturation_facturation_prevoir"), CHOIX).status_code in {302, 403}
    assert Prevision.objects.count() == 0


def test_les_sommes_gardees_redeviennent_des_montants():
    prevision = Prevision(activites=[["Midi", 3, "12.60", None], ["Soir", 1, "2.00", "4.00"]])
    assert prevision.par_activite() == [
        ("Midi", 3, D("12.60"), D(0), ""), ("Soir", 1, D("2.00"), D("4.00"), "−50\u00a0%"),
    ]  # fmt: skip
