"""Suspendre les réservations d'un foyer qui doit de l'argent, si la commune le choisit, et le temps qu'il faut."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from facturation.actions import emettre_avoir, encaisser, suspendre_impayes
from familles.models import Famille
from portail.models import TexteConsentement
from tests import fabriques as f

pytestmark = pytest.mark.django_db
ECHEANCE = dt.date(2026, 12, 15)
TRENTE_ET_UN = f.a_paris(2027, 1, 15)  # 31 jours après l'échéance


@pytest.fixture
def due():
    f.commune(bloquer_impayes=True, impayes_jours=30)
    return f.facture(f.famille(), "28.50", echeance=ECHEANCE)


def suspendues():
    return list(Famille.objects.exclude(suspendue_le=None))


def test_sans_le_reglage_personne_n_est_suspendu(due):
    f.commune(bloquer_impayes=False)
    assert suspendre_impayes(TRENTE_ET_UN) == (0, 0)


def test_un_foyer_est_suspendu_le_lendemain_du_delai_et_pas_avant(due):
    assert suspendre_impayes(f.a_paris(2027, 1, 14)) == (0, 0)
    assert suspendre_impayes(TRENTE_ET_UN) == (1, 0)
    assert suspendre_impayes(f.a_paris(2027, 1, 20)) == (0, 0), "la relancer ne change rien"
    [famille] = suspendues()
    assert (famille.suspendue_le, famille.suspension) == (
        TRENTE_ET_UN, "une facture attend depuis le 15 décembre 2026."
    )  # fmt: skip


def test_un_reglement_rouvre_aussitot_s_il_paie_tout(due):
    suspendre_impayes(TRENTE_ET_UN)
    encaisser(due.famille, Decimal("20.00"), "cheque", None, TRENTE_ET_UN)
    assert suspendues() == [due.famille]
    encaisser(due.famille, Decimal("8.50"), "cheque", None, TRENTE_ET_UN)
    assert suspendues() == []


def test_un_avoir_rouvre_aussi(due):
    suspendre_impayes(TRENTE_ET_UN)
    emettre_avoir(due, Decimal("28.50"), "Erreur", None, TRENTE_ET_UN)
    assert suspendues() == []


def test_ne_plus_suspendre_rouvre_tout_le_monde_la_nuit_suivante(due):
    suspendre_impayes(TRENTE_ET_UN)
    f.commune(bloquer_impayes=False)
    assert suspendre_impayes(TRENTE_ET_UN) == (0, 1)


def test_l_accueil_le_dit_avec_douceur(due, client, time_machine):
    time_machine.move_to(TRENTE_ET_UN)
    suspendre_impayes(TRENTE_ET_UN)
    compte = due.famille.adultes.get().compte
    compte.texte_accepte = TexteConsentement.objects.first()
    compte.save()
    client.force_login(compte)
    html = client.get(reverse("accueil")).content.decode()
    assert "Vos réservations sont suspendues" in html
    assert "Une facture attend depuis le 15 décembre 2026." in html
    assert "on cherche ensemble" in html
