"""Les pointages dans l'administration : on lit, on cherche, on exporte ; on ne retouche pas."""

import csv
import io

import pytest
from django.urls import reverse

from presences import actions
from tests import fabriques as f
from tests.beaucoup import copies, enfants, foyers, memes_requetes, ouvrir
from tests.presences.outils import MIDI, attendu, service

pytestmark = pytest.mark.django_db


@pytest.fixture
def pointe(client):
    f.commune()
    client.force_login(f.agent("Périscolaire", prenom="Marie", nom="AUGER"))
    seance, nadia = service(), f.agent("Agents", prenom="Nadia", nom="PETIT")
    hugo = attendu(seance, "Hugo", "GÉRARD")
    actions.pointer(hugo, seance, "present", nadia, MIDI)
    actions.pointer(hugo, seance, "absent", nadia, MIDI)
    return hugo.pointages.get()


def test_la_liste_se_cherche_sans_accents(client, pointe):
    adresse = reverse("admin:presences_pointage_changelist")
    assert "GÉRARD" in client.get(adresse, {"q": "gerard"}).content.decode()
    assert "GÉRARD" not in client.get(adresse, {"q": "dupont"}).content.decode()


def test_un_pointage_montre_son_journal_et_ne_se_retouche_pas(client, pointe):
    html = client.get(reverse("admin:presences_pointage_change", args=[pointe.pk])).content.decode()
    assert "23/11 12:04:00 Nadia PETIT : present" in html
    assert "Nadia PETIT : absent" in html
    assert f"#e-{pointe.enfant_id}" in html
    assert 'name="_save"' not in html
    assert client.get(reverse("admin:presences_pointage_add")).status_code == 403


def test_l_export_csv(client, pointe):
    reponse = client.post(reverse("admin:presences_pointage_export"), {"format": "0", "resource": ""})
    [ligne] = csv.DictReader(io.StringIO(reponse.content.decode("utf-8-sig")), delimiter=";")
    assert (ligne["Jour"], ligne["Nom"], ligne["État"]) == ("23/11/2026", "GÉRARD", "absent")
    assert (ligne["Agent"], ligne["Reçu le"]) == ("Nadia PETIT", "23/11/2026 12:04")


def test_l_agent_n_entre_pas_dans_l_administration(client, pointe):
    client.force_login(f.agent("Agents"))
    assert client.get(reverse("admin:presences_pointage_changelist")).status_code in (302, 403)


def test_autant_de_requetes_pour_un_que_pour_trois_cents(client, pointe):
    actions.pointer(attendu(pointe.seance), pointe.seance, "present", f.agent("Agents"), MIDI)  # un agent de plus
    with memes_requetes(ouvrir(client, reverse("admin:presences_pointage_changelist")), au_plus=40):
        copies(pointe, enfant=enfants(foyers()))
