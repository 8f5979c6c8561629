"""Les comptes et le consentement, vus de la mairie."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from portail import actions
from portail.models import Compte, DemandeCompte, TexteConsentement
from tests import fabriques
from tests.beaucoup import copies, memes_requetes, ouvrir

from .outils import MOT_DE_PASSE, choisir, demander, lien

pytestmark = pytest.mark.django_db


@pytest.fixture
def direction(client):
    agent = fabriques.agent("Direction", email="mairie@demo.fr")
    client.force_login(agent)
    return agent


def action(client, modele, nom, *objets):
    champs = {"action": nom, "_selected_action": [o.pk for o in objets]}
    return client.post(f"/admin/portail/{modele}/", champs, follow=True)


@pytest.mark.parametrize("modele", ["compte", "demandecompte", "texteconsentement", "consentement"])
def test_chaque_page_s_ouvre(client, direction, modele):
    fabriques.commune()
    demander(Client())
    actions.installer_textes()
    celine = fabriques.famille().compte
    actions.accepter(celine, TexteConsentement.objects.get(), timezone.now(), "192.0.2.1")
    assert client.get(f"/admin/portail/{modele}/").status_code == 200
    objet = {
        "compte": celine,
        "demandecompte": DemandeCompte.objects.get(),
        "texteconsentement": TexteConsentement.objects.get(),
        "consentement": celine.consentements.get(),
    }[modele]
    assert client.get(f"/admin/portail/{modele}/{objet.pk}/change/").status_code == 200


def test_un_compte_se_cherche_sans_accents_ni_casse(client, direction):
    fabriques.compte(prenom="Éloïse", nom="DUPRÉ", email="eloise@demo.fr")
    for terme in ["eloise dupre", "ELOÏSE", "dupre eloise@"]:
        assert "eloise@demo.fr" in client.get("/admin/portail/compte/", {"q": terme}).content.decode()
    assert "eloise@demo.fr" not in client.get("/admin/portail/compte/", {"q": "autre"}).content.decode()


def test_la_liste_des_comptes_ne_coute_pas_plus_pour_trois_cents(client, direction):
    compte = fabriques.compte()
    with memes_requetes(ouvrir(client, "/admin/portail/compte/")):
        copies(compte, email=lambda n: f"copie{n}@exemple.fr")


def test_ouvrir_le_compte_d_un_collegue_lui_envoie_son_lien(client, direction, courriels):
    champs = {"email": "Agent@Demo.fr", "prenom": "Paul", "nom": "PETIT", "is_staff": "on"}
    assert client.post("/admin/portail/compte/add/", champs).status_code == 302
    compte = Compte.objects.get(email="agent@demo.fr")
    assert not compte.has_usable_password()
    [courriel] = courriels()
    assert courriel["Subject"] == "Un compte vous est ouvert sur le portail de la mairie"
    choisir(Client(), lien(courriel))
    compte.refresh_from_db()
    assert compte.check_password(MOT_DE_PASSE)


def test_la_direction_ne_touche_pas_aux_administrateurs_et_n_en_fait_pas(client, direction):
    chef = fabriques.compte(is_staff=True, is_superuser=True)
    assert client.get(f"/admin/portail/compte/{chef.pk}/change/").status_code == 302
    celine = fabriques.compte()
    champs = {"email": celine.email, "prenom": "C", "nom": "L", "is_superuser": "on", "is_active": "on"}
    client.post(f"/admin/portail/compte/{celine.pk}/change/", champs)
    celine.refresh_from_db()
    assert (celine.prenom, celine.is_superuser) == ("C", False)


def test_un_compte_ne_s_efface_pas(client, direction):
    celine = fabriques.compte()
    assert client.post(f"/admin/portail/compte/{celine.pk}/delete/", {"post": "yes"}).status_code == 403


def test_envoyer_le_lien_et_lever_la_pause(client, direction, courriels, heure_fixe):
    celine = fabriques.compte(email="celine@demo.fr")
    parent = Client()
    essai = {"email": "celine@demo.fr", "mot_de_passe": "faux", "robot": "on"}
    for _ in range(8):
        parent.post("/connexion/", essai)
    bon = essai | {"mot_de_passe": "portail-famille"}
    assert parent.post("/connexion/", bon).status_code == 429
    action(client, "compte", "debloquer", celine)
    assert parent.post("/connexion/", bon).status_code == 302
    action(client, "compte", "envoyer_le_lien", celine)
    assert [c["To"] for c in courriels()] == ["celine@demo.fr"]


def test_la_mairie_renvoie_le_lien_d_une_demande(client, direction, courriels):
    demander(Client())
    courriels()
    action(client, "demandecompte", "recommencer", DemandeCompte.objects.get())
    assert choisir(Client(), lien(courriels()[0])).status_code == 302


def test_un_texte_publie_ne_se_modifie_plus_et_le_suivant_part_de_lui(client, direction):
    actions.installer_textes()
    ancien = TexteConsentement.objects.get()
    assert client.post(f"/admin/portail/texteconsentement/{ancien.pk}/change/", {"texte": "récrit"}).status_code == 403
    assert client.post(f"/admin/portail/texteconsentement/{ancien.pk}/delete/", {"post": "yes"}).status_code == 403
    page = client.get("/admin/portail/texteconsentement/add/").content.decode()
    assert "En validant cette page" in page
    quand = timezone.localtime()
    champs = {"version": "2026-2", "texte": "Nouveau", "publie_le_0": quand.date(), "publie_le_1": f"{quand:%H:%M:%S}"}
    assert client.post("/admin/portail/texteconsentement/add/", champs).status_code == 302
    assert actions.numero_en_vigueur(timezone.now()) == TexteConsentement.objects.get(version="2026-2").pk


def test_une_version_ne_se_publie_pas_dans_le_passe(client, direction):
    hier = timezone.localtime() - dt.timedelta(days=1)
    champs = {"version": "2026-2", "texte": "Nouveau", "publie_le_0": hier.date(), "publie_le_1": "12:00:00"}
    page = client.post("/admin/portail/texteconsentement/add/", champs).content.decode()
    assert "La publication ne peut pas être dans le passé." in page


@pytest.mark.parametrize("geste", ["add/", "1/delete/"])
def test_une_reponse_au_consentement_ne_se_saisit_ni_ne_s_efface(client, direction, geste):
    assert client.get(f"/admin/portail/consentement/{geste}").status_code in (302, 403)


@pytest.mark.parametrize("groupe", ["Régie", "Périscolaire", "Agents"])
def test_les_autres_groupes_ne_voient_pas_les_comptes(client, groupe):
    client.force_login(fabriques.agent(groupe))
    assert client.get("/admin/portail/compte/", follow=True).status_code == 403
