"""Ajouter un enfant, étape par étape : rien ne se perd, rien ne se double."""

import datetime as dt
import itertools

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse

from familles.models import Enfant, FicheSanitaire, Rattachement
from tests import fabriques

from .outils import adresse, commencer, etapes_enfant, identite, parcourir, sante

pytestmark = pytest.mark.django_db


@pytest.fixture
def foyer():
    return fabriques.famille()


@pytest.fixture
def parent(client, foyer):
    client.force_login(foyer.compte)
    return client


@pytest.fixture
def etapes(foyer):
    return etapes_enfant(fabriques.ecole(), foyer.adultes.get())


def test_un_parent_ajoute_hugo_en_cinq_etapes(parent, foyer, etapes):
    reponse = parcourir(parent, "enfant", etapes)
    hugo = Enfant.objects.get()
    assert reponse.url == reverse("familles:enfant", args=[hugo.pk])
    assert (hugo.nom, hugo.prenom, hugo.sexe, hugo.date_naissance) == ("LA STAR", "Hugo", "g", dt.date(2018, 2, 7))
    assert (hugo.classe, hugo.ecole_id) == ("ce2", etapes["ecole"]["ecole"])
    assert list(hugo.familles.all()) == [foyer]
    assert hugo.rattachements.get().debut is not None
    assert (hugo.fiche.allergies, hugo.fiche.regime) == ("Arachide : adrénaline dans le sac.", "sans_porc")
    assert hugo.fiche.medecin_telephone == "05 49 00 00 00"
    reponses = hugo.autorisations.order_by("genre").values_list("genre", "accordee", "compte")
    compte = foyer.compte.pk
    assert list(reponses) == [("photo", True, compte), ("soins", True, compte), ("sortie", False, compte)]
    personne = hugo.personnes.get()
    assert (personne.recupere, personne.urgence, personne.interdit) == (True, True, False)


def test_rien_n_existe_avant_la_derniere_etape(parent, etapes):
    del etapes["entourage"]
    parcourir(parent, "enfant", etapes)
    assert not Enfant.objects.exists()


def test_chaque_etape_mene_a_la_suivante(parent, etapes):
    premiere = commencer(parent, "enfant")
    noms = list(etapes)
    for nom, suivante in itertools.pairwise(noms):
        assert parent.get(adresse(premiere, nom)).status_code == 200
        assert parent.post(adresse(premiere, nom), etapes[nom]).url == adresse(premiere, suivante)


def test_on_ne_saute_pas_une_etape(parent):
    premiere = commencer(parent, "enfant")
    assert parent.get(adresse(premiere, "sante")).url == premiere
    parent.post(premiere, identite())
    assert parent.get(adresse(premiere, "entourage")).url == adresse(premiere, "ecole")


def test_revenir_en_arriere_garde_tout_meme_incomplet(parent, etapes):
    premiere = commencer(parent, "enfant")
    parent.post(premiere, etapes["identite"])
    parent.post(adresse(premiere, "ecole"), etapes["ecole"])
    retour = parent.post(adresse(premiere, "sante"), sante(medecin_telephone="12") | {"retour": "1"})
    assert retour.url == adresse(premiere, "ecole")
    assert 'value="La Star"' in parent.get(premiere).content.decode()
    page = parent.get(adresse(premiere, "sante"))
    assert "adrénaline dans le sac" in page.content.decode()
    assert 'value="12"' in page.content.decode()
    assert not page.context["form"].errors


def test_un_refus_garde_ce_qui_est_tape_et_le_dit_en_une_phrase(parent):
    page = parent.post(commencer(parent, "enfant"), identite(date_naissance="2999-01-01"))
    assert page.status_code == 200
    assert page.context["form"].errors == {"date_naissance": ["Cette date n'est pas encore venue."]}
    assert 'value="hugo"' in page.content.decode()
    assert "Erreur :" in page.content.decode()


@pytest.mark.parametrize(
    ("etape", "donnees", "champ", "phrase"),
    [
        ("identite", identite(date_naissance="1990-01-01"), "date_naissance", "vérifiez l'année"),
        ("ecole", {"ecole": "primaire", "classe": ""}, "classe", "Choisissez la classe"),
        ("ecole", {"ecole": "maternelle", "classe": "cm1"}, "classe", "n'a pas de CM1"),
        ("ecole", {"ecole": "primaire", "classe": "", "division": "B"}, "classe", "Choisissez la classe"),
        ("sante", sante(panier_repas="on"), "panier_repas", "que si un PAI le prévoit"),
        ("sante", sante(regime="halal"), "regime", "halal"),
        ("autorisations", {"photo": "True", "soins": "True"}, "sortie", "Répondez par oui ou par non"),
        ("entourage", {}, "__all__", "Désignez au moins une personne"),
    ],
)
def test_chaque_etape_a_ses_refus(parent, etapes, etape, donnees, champ, phrase):
    if "ecole" in donnees:
        donnees = donnees | {"ecole": fabriques.ecole(niveau=donnees["ecole"]).pk}
    premiere = commencer(parent, "enfant")
    for nom in list(etapes)[: list(etapes).index(etape)]:
        parent.post(adresse(premiere, nom), etapes[nom])
    page = parent.post(adresse(premiere, etape), donnees)
    assert phrase in page.context["form"].errors[champ][0]


def test_une_personne_ne_peut_etre_interdite_et_autorisee(parent, foyer, etapes):
    voisin = foyer.adultes.create(civilite="m", nom="X", prenom="Y")
    etapes["entourage"][f"adulte_{voisin.pk}"] = ["recupere", "interdit"]
    page = parcourir(parent, "enfant", etapes)
    assert "à la fois interdite et autorisée" in page.context["form"].errors[f"adulte_{voisin.pk}"][0]
    assert not Enfant.objects.exists()


def test_le_groupe_tape_survit_aux_retours_et_aux_changements_de_classe(parent, etapes):
    premiere = commencer(parent, "enfant")
    etapes["ecole"]["division"] = " mme  petit "
    derniere = etapes.pop("entourage")
    parcourir(parent, "enfant", etapes, premiere)
    assert 'value=" mme  petit "' in parent.get(adresse(premiere, "ecole")).content.decode()
    parent.post(adresse(premiere, "ecole"), etapes["ecole"] | {"classe": "cm1"})
    parent.post(adresse(premiere, "entourage"), derniere)
    assert Enfant.objects.get().classe_dite == "CM1, mme petit"


def test_en_maternelle_on_ne_demande_pas_s_il_rentre_seul(parent, etapes):
    etapes["ecole"]["classe"] = "ms"
    etapes["autorisations"] = {"photo": "False", "soins": "True"}
    parcourir(parent, "enfant", etapes)
    assert set(Enfant.objects.get().autorisations.values_list("genre", flat=True)) == {"photo", "soins"}


def test_changer_de_classe_a_la_fin_fait_repondre_a_la_question_manquante(parent, etapes):
    premiere = commencer(parent, "enfant")
    etapes["ecole"]["classe"] = "ms"
    etapes["autorisations"] = {"photo": "False", "soins": "True"}
    derniere = etapes.pop("entourage")
    parcourir(parent, "enfant", etapes, premiere)
    parent.post(adresse(premiere, "ecole"), etapes["ecole"] | {"classe": "ce2"})
    reponse = parent.post(adresse(premiere, "entourage"), derniere)
    assert reponse.url == adresse(premiere, "autorisations")
    page = parent.get(reponse.url)
    assert page.context["form"].errors == {"sortie": ["Répondez par oui ou par non."]}
    assert not Enfant.objects.exists()


def test_le_meme_envoi_deux_fois_ne_cree_qu_un_enfant(parent, etapes):
    premiere = commencer(parent, "enfant")
    un = parcourir(parent, "enfant", etapes, premiere)
    deux = parent.post(adresse(premiere, "entourage"), etapes["entourage"])
    assert un.url == deux.url
    assert Enfant.objects.count() == FicheSanitaire.objects.count() == Rattachement.objects.count() == 1


def test_deux_onglets_ne_se_melangent_pas(parent, etapes):
    un, deux = commencer(parent, "enfant"), commencer(parent, "enfant")
    parent.post(un, identite())
    parent.post(deux, identite(prenom="Lina", sexe="f", date_naissance="2020-05-19"))
    assert 'value="hugo"' in parent.get(un).content.decode()
    del etapes["identite"]
    parcourir(parent, "enfant", etapes, un)
    parcourir(parent, "enfant", etapes, deux)
    assert sorted(Enfant.objects.values_list("prenom", flat=True)) == ["Hugo", "Lina"]


def test_un_enfant_deja_la_se_dit_des_la_premiere_etape(parent, foyer):
    fabriques.enfant(foyer)
    page = parent.post(commencer(parent, "enfant"), identite(prenom="HUGO", nom="la star"))
    assert "fait déjà partie de votre famille" in page.context["form"].errors["__all__"][0]


def test_un_enfant_parti_se_remet_depuis_l_entourage(parent, foyer):
    hugo = fabriques.enfant(foyer)
    hugo.rattachements.update(fin=dt.date(2026, 9, 1))
    page = parent.post(commencer(parent, "enfant"), identite())
    assert "remettez sa fiche depuis « Entourage familial »" in page.context["form"].errors["__all__"][0]


def test_l_enfant_d_une_autre_famille_ne_se_devine_pas(parent):
    fabriques.enfant(fabriques.famille())
    assert parent.post(commencer(parent, "enfant"), identite()).status_code == 302


def test_le_brouillon_est_chiffre_dans_la_session(parent, etapes):
    del etapes["entourage"]
    parcourir(parent, "enfant", etapes)
    session = Session.objects.get()
    assert "brouillons" in session.get_decoded()
    assert "Arachide" not in str(session.get_decoded())
    assert "hugo" not in str(session.get_decoded()).lower()


def test_un_ajout_commence_se_reprend_ou_s_efface(parent):
    premiere = commencer(parent, "enfant")
    parent.post(premiere, identite())
    page = parent.get(reverse("familles:ajouter"))
    assert "hugo LA STAR" in page.content.decode()
    assert adresse(premiere, "ecole") in page.content.decode()
    jeton = page.context["commences"][0]["jeton"]
    parent.post(reverse("familles:ajouter_abandonner", args=[jeton]))
    assert parent.get(reverse("familles:ajouter")).context["commences"] == []


def test_une_cle_retiree_perd_le_brouillon_pas_la_page(parent, settings):
    from cryptography.fernet import Fernet

    parent.post(commencer(parent, "enfant"), identite())
    settings.CLES_FICHES = [Fernet.generate_key().decode()]
    assert parent.get(reverse("familles:ajouter")).context["commences"] == []


def test_une_page_d_ajout_inconnue_n_existe_pas(parent):
    premiere = commencer(parent, "enfant")
    assert parent.get(adresse(premiere, "banquier")).status_code == 404
    assert parent.get(premiere.replace("/enfant/", "/chien/")).status_code == 404
    parent.post(premiere, identite())
    assert parent.get(premiere.replace("/enfant/", "/adulte/")).status_code == 404


def test_un_agent_sans_famille_n_ajoute_personne(client):
    client.force_login(fabriques.agent("Direction"))
    assert client.get(reverse("familles:ajouter")).status_code == 404
    assert client.get(commencer(client, "enfant")).status_code == 404
