"""Créer un compte : les étapes, le courriel, le lien, le compte."""

import datetime as dt
import threading

import pytest
import time_machine
from axes.models import AccessAttempt
from django.db import connection
from django.test import Client
from django.utils import timezone

from familles.models import Adulte, Famille
from portail import actions, regles
from portail.models import Compte, DemandeCompte
from portail.taches import menage
from tests import fabriques

from .outils import COORDONNEES, INFOS, choisir, demander, lien, texte

pytestmark = pytest.mark.django_db


# --- Les étapes ---------------------------------------------------------------------------------------------------
def test_la_premiere_etape_demande_l_identite_avec_les_mots_du_tutoriel(client):
    page = client.get("/compte/creer/").content.decode()
    for mot in [
        "Étape 1 sur 3",
        "Civilité",
        "Nom",
        "Prénom",
        "Adresse e-mail",
        "Confirmation adresse e-mail",
        "Étape suivante",
        "Cette adresse email sera votre identifiant pour vous connecter à l&#x27;Espace Famille.",
    ]:
        assert mot in page.replace("l'Espace", "l&#x27;Espace")


def test_le_nom_passe_en_capitales_et_l_adresse_en_minuscules(client):
    client.post("/compte/creer/", INFOS | {"nom": "l'étoile", "prenom": "CELINE"})
    client.post("/compte/creer/coordonnees/", COORDONNEES)
    page = client.get("/compte/creer/recapitulatif/").content.decode()
    assert "Celine L&#x27;ÉTOILE" in page
    assert "celine@exemple.fr" in page
    assert "06 12 34 56 78" in page


@pytest.mark.parametrize(
    ("champ", "valeur", "phrase"),
    [
        ("nom", "", "Ce champ est obligatoire."),
        ("civilite", "", "Ce champ est obligatoire."),
        ("email", "celine@", "Une adresse e-mail s'écrit comme celine@exemple.fr."),
        ("confirmation", "autre@exemple.fr", "Les deux adresses ne sont pas identiques"),
    ],
)
def test_une_identite_fausse_est_refusee_et_gardee(client, champ, valeur, phrase):
    reponse = client.post("/compte/creer/", INFOS | {champ: valeur})
    assert reponse.status_code == 200
    assert any(phrase in erreur for erreur in reponse.context["form"].errors[champ])
    page = reponse.content.decode()
    assert 'value="celine"' in page
    assert "Un point à corriger" in page


@pytest.mark.parametrize(
    ("champ", "valeur", "phrase"),
    [
        ("code_postal", "8644", "Un code postal a cinq chiffres."),
        ("telephone", "12", "Un numéro de téléphone s'écrit avec dix chiffres, par exemple 06 12 34 56 78."),
        ("telephone", "", "Ce champ est obligatoire."),
    ],
)
def test_des_coordonnees_fausses_sont_refusees(client, champ, valeur, phrase):
    client.post("/compte/creer/", INFOS)
    reponse = client.post("/compte/creer/coordonnees/", COORDONNEES | {champ: valeur})
    assert reponse.context["form"].errors[champ] == [phrase]


def test_revenir_en_arriere_ne_perd_rien_meme_ce_qui_est_faux(client):
    client.post("/compte/creer/", INFOS)
    reponse = client.post("/compte/creer/coordonnees/", {"adresse": "1 rue", "telephone": "12", "retour": "1"})
    assert reponse.url == "/compte/creer/"
    page = client.get("/compte/creer/").content.decode()
    assert 'value="la star"' in page
    page = client.get("/compte/creer/coordonnees/").content.decode()
    assert 'value="1 rue"' in page
    assert 'value="12"' in page


def test_la_commune_est_deja_ecrite_dans_l_adresse(client):
    fabriques.commune()
    client.post("/compte/creer/", INFOS)
    page = client.get("/compte/creer/coordonnees/").content.decode()
    assert 'value="86440"' in page
    assert 'value="Migné-Auxances"' in page


def test_sauter_une_etape_ramene_a_la_bonne(client):
    assert client.get("/compte/creer/coordonnees/").url == "/compte/creer/"
    assert client.get("/compte/creer/recapitulatif/").url == "/compte/creer/?corriger=1"
    client.post("/compte/creer/", INFOS)
    assert client.get("/compte/creer/recapitulatif/").url == "/compte/creer/coordonnees/?corriger=1"
    assert "points à corriger" not in client.get("/compte/creer/coordonnees/?corriger=1").content.decode()
    assert client.get("/compte/creer/boite-aux-lettres/").url == "/compte/creer/"


def test_la_case_du_robot_est_demandee(client):
    client.post("/compte/creer/", INFOS)
    client.post("/compte/creer/coordonnees/", COORDONNEES)
    reponse = client.post("/compte/creer/recapitulatif/", {})
    assert reponse.context["form"].errors["robot"] == ["Cochez « Je ne suis pas un robot »."]
    assert not DemandeCompte.objects.exists()


def test_un_parent_connecte_n_a_pas_de_compte_a_creer(client):
    client.force_login(fabriques.compte())
    for page in ["/compte/creer/", "/compte/creer/coordonnees/", "/compte/creer/recapitulatif/"]:
        assert client.get(page).url == "/accueil/"


# --- Le courriel --------------------------------------------------------------------------------------------------
def test_une_adresse_inconnue_recoit_un_lien(client, courriels):
    fabriques.commune()
    reponse = demander(client)
    assert reponse.url == "/compte/creer/boite-aux-lettres/"
    assert "celine@exemple.fr" in client.get(reponse.url).content.decode()
    [courriel] = courriels()
    assert courriel["To"] == "celine@exemple.fr"
    assert courriel["Subject"] == "Votre Espace Famille : choisissez votre mot de passe"
    assert "Mairie de Migné-Auxances" in texte(courriel)
    assert lien(courriel).startswith("/compte/ouvrir/")
    assert lien(courriel) in courriel.get_body(("html",)).get_content()


def test_rien_n_existe_avant_le_clic(client, courriels):
    demander(client)
    assert not Compte.objects.exists()
    assert not Famille.objects.exists()


def test_la_base_ne_garde_que_l_empreinte_du_lien(client, courriels):
    demander(client)
    jeton = lien(courriels()[0]).split("/")[-2]
    assert DemandeCompte.objects.get().empreinte == regles.empreinte(jeton)


def test_une_adresse_connue_voit_la_meme_page_et_recoit_un_courriel_qui_le_dit(courriels):
    fabriques.compte(email="connue@exemple.fr")
    pages, envois = [], []
    for email in ["inconnue@exemple.fr", "connue@exemple.fr"]:
        client = Client()
        reponse = demander(client, email=email, confirmation=email)
        pages.append((reponse.status_code, reponse.url, client.get(reponse.url).content.decode().replace(email, "X")))
        envois.append(courriels())
    assert pages[0] == pages[1]
    assert [len(e) for e in envois] == [1, 1]
    assert envois[1][0]["Subject"] == "Votre Espace Famille existe déjà"
    assert lien(envois[1][0]).startswith("/mot-de-passe/nouveau/")
    assert DemandeCompte.objects.count() == 1


def test_un_compte_ferme_recoit_un_courriel_sans_lien(client, courriels):
    fabriques.compte(email="celine@exemple.fr", is_active=False)
    demander(client)
    [courriel] = courriels()
    assert "appelez le service" in texte(courriel)
    assert "/mot-de-passe/nouveau/" not in texte(courriel)


def test_casse_et_espaces_ne_font_pas_deux_adresses(client, courriels):
    fabriques.compte(email="celine@exemple.fr")
    demander(client, email="  CELINE@exemple.FR", confirmation="celine@EXEMPLE.fr  ")
    assert [c["Subject"] for c in courriels()] == ["Votre Espace Famille existe déjà"]


def test_le_courriel_ne_repete_rien_de_ce_qu_un_inconnu_a_tape(client, courriels):
    demander(client, prenom="Gagnez http://piege.example", nom="VITE")
    assert "piege" not in texte(courriels()[0])


def test_une_boite_ne_recoit_que_trois_courriels_par_heure(courriels):
    for _ in range(5):
        assert demander().url == "/compte/creer/boite-aux-lettres/"
    assert len(courriels()) == 3


def test_dix_creations_par_heure_et_par_connexion_a_internet(courriels):
    with time_machine.travel(dt.datetime(2026, 9, 1, 8, 20, tzinfo=dt.UTC), tick=False):
        for n in range(10):
            assert demander(email=f"p{n}@exemple.fr", confirmation=f"p{n}@exemple.fr").status_code == 302
        refus = demander(email="p10@exemple.fr", confirmation="p10@exemple.fr")
    assert refus.status_code == 429
    assert refus.context["form"].non_field_errors() == [
        "Trop d'essais depuis votre connexion à internet. Réessayez après 11 h 00, ou appelez le service."
    ]
    with time_machine.travel(dt.datetime(2026, 9, 1, 9, 0, 1, tzinfo=dt.UTC), tick=False):
        assert demander(email="p10@exemple.fr", confirmation="p10@exemple.fr").status_code == 302


# --- Le lien ------------------------------------------------------------------------------------------------------
def test_le_lien_ouvre_le_compte_le_foyer_et_la_session(client, courriels):
    demander(client)
    chemin = lien(courriels()[0])
    assert "Choisissez votre mot de passe" in client.get(chemin).content.decode()
    assert choisir(client, chemin).url == "/accueil/"
    compte = Compte.objects.get()
    assert (compte.email, compte.nom, compte.prenom) == ("celine@exemple.fr", "LA STAR", "Celine")
    assert client.session["_auth_user_id"] == str(compte.pk)
    assert client.session.get_expire_at_browser_close()
    adulte = Adulte.objects.get()
    assert (adulte.compte, adulte.responsable_legal, adulte.telephone) == (compte, True, "06 12 34 56 78")
    assert str(adulte.famille) == "Famille LA STAR"
    assert "creation" not in client.session


@pytest.mark.parametrize(
    ("un", "deux", "phrase"),
    [
        ("court", "court", "Ce mot de passe est trop court"),
        ("motdepasse123456", "autrechose123456", "Les deux mots de passe ne correspondent pas."),
        ("123456789012345", "123456789012345", "Ce mot de passe est entièrement numérique."),
        ("celine@exemple.fr", "celine@exemple.fr", "Le mot de passe est trop semblable au champ"),
        ("telechargement", "telechargement", "Ce mot de passe est trop courant."),
    ],
)
def test_un_mauvais_mot_de_passe_est_refuse_en_francais_et_le_lien_reste_bon(client, courriels, un, deux, phrase):
    demander(client)
    chemin = lien(courriels()[0])
    reponse = client.post(chemin, {"new_password1": un, "new_password2": deux})
    erreurs = [str(e) for liste in reponse.context["form"].errors.values() for e in liste]
    assert any(phrase in erreur for erreur in erreurs), erreurs
    assert choisir(client, chemin).status_code == 302


def test_le_lien_sert_une_fois(client, courriels):
    demander(client)
    chemin = lien(courriels()[0])
    choisir(client, chemin)
    for reponse in [Client().get(chemin), choisir(Client(), chemin, "un autre mot de passe")]:
        assert reponse.status_code == 410
        page = reponse.content.decode()
        assert "Votre compte existe déjà" in page
        assert "Mot de passe oublié ?" in page
    assert client.get(chemin).url == "/accueil/"
    assert Compte.objects.count() == Famille.objects.count() == 1
    assert Compte.objects.get().check_password("quatre mots sans rapport")


def test_le_lien_vaut_trois_jours(client, courriels):
    maintenant = timezone.now()
    demander(client)
    chemin = lien(courriels()[0])
    with time_machine.travel(maintenant + dt.timedelta(days=3) - dt.timedelta(minutes=1)):
        assert client.get(chemin).status_code == 200
    with time_machine.travel(maintenant + dt.timedelta(days=3, minutes=1)):
        for reponse in [client.get(chemin), choisir(client, chemin)]:
            assert reponse.status_code == 410
            page = reponse.content.decode()
            assert "Ce lien a plus de trois jours." in page
            assert 'href="/compte/creer/"' in page
    assert not Compte.objects.exists()


def test_un_lien_invente_propose_la_suite(client):
    reponse = client.get("/compte/ouvrir/n-importe-quoi/")
    assert reponse.status_code == 410
    assert "Ce lien n&#x27;est pas reconnu." in reponse.content.decode()


def test_de_deux_demandes_chaque_lien_marche_mais_un_seul_compte_nait(courriels):
    demander()
    demander(prenom="autre")
    premier, second = [lien(c) for c in courriels()]
    assert choisir(Client(), premier).status_code == 302
    assert choisir(Client(), second).status_code == 410
    assert Compte.objects.get().prenom == "Celine"


def test_si_la_mairie_a_cree_le_compte_entre_temps_le_lien_le_dit(client, courriels):
    demander(client)
    fabriques.compte(email="celine@exemple.fr")
    assert "Votre compte existe déjà" in client.get(lien(courriels()[0])).content.decode()


def test_les_demandes_sans_reponse_s_effacent_apres_trois_jours(client, courriels):
    demander(client)
    assert actions.purger_demandes(timezone.now() + dt.timedelta(days=2)) == 0
    assert actions.purger_demandes(timezone.now() + dt.timedelta(days=3, hours=1)) == 1
    assert client.get(lien(courriels()[0])).status_code == 410


def test_le_menage_de_la_nuit_s_en_charge(client, courriels):
    with time_machine.travel(timezone.now() - dt.timedelta(days=31)):
        demander(client)
        client.post("/connexion/", {"email": "x@demo.fr", "mot_de_passe": "faux", "robot": "on"})
    menage(0)
    assert not DemandeCompte.objects.exists()
    assert not AccessAttempt.objects.exists()


# --- En même temps ------------------------------------------------------------------------------------------------
def ensemble(*fonctions):
    """Lance chaque fonction dans son fil et sa connexion, au même signal ; rend leurs résultats."""
    depart, resultats = threading.Barrier(len(fonctions)), [None] * len(fonctions)

    def courir(n, fonction):
        try:
            depart.wait()
            resultats[n] = fonction()
        finally:
            connection.close()

    fils = [threading.Thread(target=courir, args=paire) for paire in enumerate(fonctions)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    return resultats


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("liens", [1, 2])
def test_dix_mots_de_passe_choisis_au_meme_instant_ne_font_qu_un_compte(courriels, liens):
    """Le même lien dans dix onglets, ou les liens de deux demandes."""
    for _ in range(liens):
        demander()
    chemins = [lien(c) for c in courriels()]
    essais = [
        lambda n=n: choisir(Client(), chemins[n % liens], f"mot de passe numéro {n}").status_code for n in range(10)
    ]
    statuts = ensemble(*essais)
    assert sorted(statuts) == [302] + [410] * 9
    assert Compte.objects.count() == Famille.objects.count() == Adulte.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_dix_essais_au_meme_instant_se_comptent_tous():
    maintenant, duree = timezone.now(), dt.timedelta(hours=1)

    def essayer():
        try:
            actions.compter("essai", "192.0.2.1", 4, duree, maintenant)
        except Exception as erreur:
            return erreur.code
        return "passe"

    assert sorted(ensemble(*[essayer] * 10)) == ["passe"] * 4 + ["trop"] * 6
