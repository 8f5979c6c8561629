"""Un régisseur clôt un mois dans un vrai navigateur : avec et sans JavaScript, en clair, en sombre, au téléphone."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from facturation import actions, regles
from facturation.models import Facture, Regie
from reservations.models import Excuse
from tests import fabriques as f
from tests.conftest import travailler

from .test_navigateur import ouvrir, sans_faute
from .ville import ville

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mois():
    """Le mois passé, prêt à facturer : des oublis à régler, un mois d'avant où se comparer, un foyer qui bondit."""
    ville(0)
    Regie.objects.create(seuil=5)
    passe = regles.premier(regles.premier(dt.date.today()) - dt.timedelta(days=1))
    avant = regles.premier(passe - dt.timedelta(days=1))
    f.tarif(nom="Mercredi", genre="mercredi", debut=dt.date(2020, 1, 1), tranches=[(None, "40.00")])
    accueil = f.activite(nom="Mercredi", genre="mercredi")
    hugo, lina = f.enfant(f.famille()), f.enfant(f.famille(nom="BERNARD"), prenom="Lina")
    f.reservation(hugo, f.seance(accueil, avant.replace(day=6)))
    f.reservation(lina, f.seance(accueil, avant.replace(day=7)))
    actions.facturer(avant, None, f.a_paris(passe.year, passe.month, 2))
    for jour in (4, 5, 6):
        f.reservation(hugo, f.seance(accueil, passe.replace(day=jour)))
    absence = f.reservation(lina, f.seance(accueil, passe.replace(day=7)))
    Excuse.objects.create(reservation=absence, texte="Grippe", envoyee_le=f.a_paris(passe.year, passe.month, 8))
    return passe


def test_un_regisseur_clot_un_mois(live_server, page, mois):
    cloturer(page, live_server, mois, sans_faute)


def test_un_regisseur_clot_un_mois_sans_javascript_au_telephone(live_server, sans_js, mois):
    sans_js.set_viewport_size({"width": 360, "height": 740})
    cloturer(sans_js, live_server, mois, lambda page, quoi: None)


def cloturer(page, serveur, mois, examiner):
    ouvrir(page, serveur, f.agent("Régie"), reverse("admin:facturation_facturation_add"))
    expect(page.get_by_label("Mois à facturer")).to_have_value(f"{mois:%Y-%m}")
    page.get_by_role("button", name="Regarder").click()
    # Vérifier : une excuse attend ; le régisseur ouvre la page même où elle se décide, puis revient.
    page.get_by_text("Excuses écrites à décider : 1").click()
    examiner(page, "vérifier")
    page.get_by_role("link", name=re.compile("^Lina")).click()
    expect(page.get_by_text("Grippe")).to_be_visible()
    page.go_back()
    # Prévoir : 160 €, le double du mois d'avant ; le foyer qui bondit est en tête.
    expect(page.get_by_role("row", name=re.compile(r"^LA STAR 40,00.€ 120,00.€ au moins le double"))).to_be_visible()
    expect(page.get_by_text("+100")).to_have_count(2)  # l'ensemble, et la seule activité
    page.get_by_role("button", name="Émettre 2 factures").click()
    expect(page.get_by_text("Cette page se met à jour seule")).to_be_visible()
    examiner(page, "suivre")
    travailler()
    page.reload()
    expect(page.get_by_role("heading", name="Émission terminée")).to_be_visible()
    expect(page.get_by_text("2 foyers examinés sur 2, 2 factures émises")).to_be_visible()
    examiner(page, "terminée")
    page.get_by_role("link", name="Ce qui reste à payer").click()
    expect(page.get_by_text("120,00").first).to_be_visible()
    assert Facture.objects.filter(mois=mois).count() == 2
