"""Un échange de jours entre deux parents, chacun sur son téléphone ; puis le même sans JavaScript."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from commune.regles import jour_de_paris
from familles.models import Echange
from familles.regles.garde import TOUTES
from reservations.models import Reservation
from tests import fabriques as f
from tests.navigateur import ouvrir

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ici():
    """Hugo est tous les jours chez Céline, qui a réservé dans dix jours ; Marc demande ce jour-là."""
    f.commune()
    celine, marc = f.famille(), f.famille(nom="DURAND")
    hugo = f.enfant(celine)
    f.rattacher(hugo, marc)
    jour = jour_de_paris(timezone.now()) + dt.timedelta(days=10)
    an = f.annee(nom="à cheval", debut=jour - dt.timedelta(days=200), fin=jour + dt.timedelta(days=100))
    midi = f.activite(nom="Restauration", site=hugo.ecole, jours=list(range(7)))
    for foyer in (celine, marc):
        f.inscription(hugo, midi, famille=foyer, annee=an)
    f.garde(hugo, celine, marc, semaines=TOUTES, debut=jour - dt.timedelta(days=200))
    f.reservation(hugo, f.seance(midi, jour), famille=celine)
    return celine, marc, hugo, jour


@pytest.mark.parametrize("appareil", ["telephone", "sans_js"])
def test_marc_propose_celine_lit_ce_qui_s_ensuit_et_accepte(request, live_server, ici, appareil):
    celine, marc, hugo, jour = ici
    fiche = reverse("familles:enfant", args=[hugo.pk])
    page = ouvrir(request.getfixturevalue(appareil), live_server, marc.compte, fiche)
    page.get_by_role("link", name="Voir le calendrier, échanger des jours").click()
    expect(page.get_by_text("À son autre foyer aujourd'hui")).to_be_visible()
    page.get_by_role("link", name="Proposer un échange").click()
    page.get_by_label("J'aurai Hugo des jours").check()
    page.get_by_label("Du", exact=False).first.fill(jour.isoformat())
    page.get_by_role("button", name="Proposer à l'autre foyer").click()
    expect(page.get_by_role("heading", name="Vous attendez une réponse")).to_be_visible()
    if appareil == "telephone":
        assert page.evaluate("document.documentElement.scrollWidth") <= 360

    ouvrir(page, live_server, celine.compte, reverse("accueil"))
    page.get_by_role("link", name="1 échange de jours à accepter ou refuser").click()
    page.get_by_role("link", name="Voir et répondre").click()
    expect(page.get_by_role("heading", name="Vous ne payez plus celles-ci")).to_be_visible()
    if appareil == "telephone":
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("button", name="Accepter l'échange").click()
    expect(page.get_by_text("L'échange est accepté.")).to_be_visible()
    assert Echange.objects.get().etat == "accepte"
    assert Reservation.objects.get().famille == marc
