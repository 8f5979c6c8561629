"""Changer d'adresse e-mail."""

import datetime as dt

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from portail.models import Compte
from tests import fabriques

from .outils import MOT_DE_PASSE, choisir, lien, texte

pytestmark = pytest.mark.django_db


@pytest.fixture
def celine(client):
    compte = fabriques.famille(avec_compte=fabriques.compte(email="celine@demo.fr")).compte
    client.force_login(compte)
    return compte


def demander(client, email="neuve@demo.fr", mot_de_passe="portail-famille"):
    return client.post("/email/changer/", {"email": email, "mot_de_passe": mot_de_passe})


def liens(courriels):
    """Le lien qui confirme, puis celui qui annule."""
    par_boite = {c["To"]: c for c in courriels()}
    return lien(par_boite["neuve@demo.fr"]), lien(par_boite["celine@demo.fr"])


def adresse(compte):
    return Compte.objects.get(pk=compte.pk).email


def test_les_deux_boites_recoivent_un_courriel_et_rien_ne_change_encore(client, celine, courriels):
    assert demander(client, " NEUVE@demo.fr").url == "/mes-donnees/"
    recus = {c["To"]: c for c in courriels()}
    assert set(recus) == {"neuve@demo.fr", "celine@demo.fr"}
    assert lien(recus["neuve@demo.fr"]).startswith("/email/confirmer/")
    assert lien(recus["celine@demo.fr"]).startswith("/email/annuler/")
    assert "neuve@demo.fr" in texte(recus["celine@demo.fr"])
    assert adresse(celine) == "celine@demo.fr"


def test_ouvrir_le_lien_ne_suffit_pas_il_faut_confirmer(client, celine, courriels):
    demander(client)
    confirmer, _ = liens(courriels)
    assert "Confirmer cette adresse" in Client().get(confirmer).content.decode()
    assert adresse(celine) == "celine@demo.fr"
    assert Client().post(confirmer).url == "/connexion/"
    assert adresse(celine) == "neuve@demo.fr"
    assert client.get("/mes-donnees/").status_code == 200  # la session dure
    assert Client().post(confirmer).status_code == 410


def test_l_ancienne_adresse_annule_avant(client, celine, courriels):
    demander(client)
    confirmer, annuler = liens(courriels)
    assert "C&#x27;est annulé" in Client().post(annuler).content.decode().replace("C'est", "C&#x27;est")
    assert Client().post(confirmer).status_code == 410
    assert Client().post(annuler).status_code == 410
    assert adresse(celine) == "celine@demo.fr"
    assert courriels() == []


def test_l_ancienne_adresse_annule_apres_et_le_voleur_perd_tout(client, celine, courriels):
    demander(client)
    confirmer, annuler = liens(courriels)
    client.post(confirmer)
    voleur = Client()
    voleur.force_login(Compte.objects.get(pk=celine.pk))
    Client().post(annuler)
    assert adresse(celine) == "celine@demo.fr"
    assert voleur.get("/mes-donnees/").url == "/connexion/?next=/mes-donnees/"
    assert not Compte.objects.get().check_password("portail-famille")
    [courriel] = courriels()
    assert courriel["To"] == "celine@demo.fr"
    assert choisir(Client(), lien(courriel)).url == "/accueil/"
    assert Compte.objects.get().check_password(MOT_DE_PASSE)


def test_les_liens_valent_trois_jours(client, celine, courriels):
    maintenant = timezone.now()
    demander(client)
    chemins = liens(courriels)
    with time_machine.travel(maintenant + dt.timedelta(days=3, minutes=1)):
        assert [Client().post(chemin).status_code for chemin in chemins] == [410, 410]
    assert adresse(celine) == "celine@demo.fr"


def test_une_adresse_deja_prise_ne_se_voit_que_dans_sa_boite(client, celine, courriels):
    fabriques.compte(email="neuve@demo.fr")
    assert demander(client).url == "/mes-donnees/"
    recus = {c["To"]: c for c in courriels()}
    assert set(recus) == {"neuve@demo.fr", "celine@demo.fr"}
    assert recus["neuve@demo.fr"]["Subject"] == "Cette adresse a déjà un compte"
    assert "http" not in texte(recus["neuve@demo.fr"])


def test_une_adresse_prise_entre_temps_est_refusee_a_la_confirmation(client, celine, courriels):
    demander(client)
    confirmer, _ = liens(courriels)
    fabriques.compte(email="neuve@demo.fr")
    reponse = client.post(confirmer)
    assert reponse.status_code == 410
    assert "Un autre compte utilise déjà cette adresse." in reponse.content.decode()
    assert adresse(celine) == "celine@demo.fr"


def test_le_mot_de_passe_et_une_autre_adresse_sont_demandes(client, celine, courriels):
    assert demander(client, mot_de_passe="faux").context["form"].errors["mot_de_passe"] == [
        "Ce n'est pas votre mot de passe actuel."
    ]
    assert demander(client, "Celine@demo.fr").context["form"].errors["email"] == [
        "C'est déjà l'adresse de votre compte."
    ]
    assert courriels() == []


def test_cinq_essais_par_heure(client, celine):
    for _ in range(5):
        demander(client, mot_de_passe="faux")
    assert demander(client).url == "/email/changer/"


@pytest.mark.parametrize("chemin", ["/email/confirmer/faux/", "/email/annuler/faux/"])
def test_un_lien_invente_ne_vaut_rien(client, chemin):
    assert client.get(chemin).status_code == 410
    assert client.post(chemin).status_code == 410
