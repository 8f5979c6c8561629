"""Les adultes : les ajouter, les modifier, dire qui peut quoi, les retirer ; l'adresse ; l'entourage."""

import datetime as dt

import pytest
from django.urls import reverse

from familles import actions
from familles.models import Adulte, PersonneAutorisee
from tests import fabriques

from .outils import adresse, commencer, etapes_adulte, parcourir

pytestmark = pytest.mark.django_db
MAINTENANT = fabriques.a_paris(2026, 11, 12)


@pytest.fixture
def foyer():
    fabriques.commune()
    return fabriques.famille()


@pytest.fixture
def parent(client, foyer):
    client.force_login(foyer.compte)
    return client


def papi(foyer, **champs):
    return foyer.adultes.create(
        **{"civilite": "m", "nom": "DUPONT", "prenom": "Georges", "lien": "grand_parent", "telephone": "06 12 34 56 78"}
        | champs
    )


def bloc(adulte, nom):
    return reverse("familles:adulte_bloc", args=[adulte.pk, nom])


def test_un_parent_ajoute_un_grand_parent_en_trois_etapes(parent, foyer):
    hugo, lina = fabriques.enfant(foyer), fabriques.enfant(foyer, prenom="Lina")
    etapes = etapes_adulte(hugo)
    etapes["enfants"][f"enfant_{lina.pk}"] = ["interdit"]
    reponse = parcourir(parent, "adulte", etapes)
    georges = Adulte.objects.get(nom="DUPONT")
    assert reponse.url == reverse("familles:adulte", args=[georges.pk])
    assert (georges.prenom, georges.lien, georges.telephone) == ("Georges", "grand_parent", "06 12 34 56 78")
    assert not georges.responsable_legal
    assert georges.enfants_confies.get(enfant=hugo).recupere
    assert georges.enfants_confies.get(enfant=lina).interdit


def test_le_meme_envoi_deux_fois_n_ajoute_qu_un_adulte(parent, foyer):
    etapes = etapes_adulte(fabriques.enfant(foyer))
    premiere = commencer(parent, "adulte")
    un = parcourir(parent, "adulte", etapes, premiere)
    assert parent.post(adresse(premiere, "enfants"), etapes["enfants"]).url == un.url
    assert Adulte.objects.filter(nom="DUPONT").count() == 1


def test_un_adulte_s_ajoute_avant_les_enfants(parent):
    etapes = etapes_adulte()
    premiere = commencer(parent, "adulte")
    for nom in ("identite", "telephones"):
        parent.post(adresse(premiere, nom), etapes[nom])
    assert "Il n'y a pas encore d'enfant" in parent.get(adresse(premiere, "enfants")).content.decode()
    parent.post(adresse(premiere, "enfants"), {"csrfmiddlewaretoken": "x"})
    assert Adulte.objects.filter(nom="DUPONT").exists()


def test_prevenir_en_urgence_demande_le_numero_de_l_etape_d_avant(parent, foyer):
    hugo = fabriques.enfant(foyer)
    etapes = etapes_adulte()
    etapes["telephones"] = {"telephone": "", "telephone_travail": ""}
    etapes["enfants"] = {f"enfant_{hugo.pk}": ["urgence"]}
    page = parcourir(parent, "adulte", etapes)
    assert "il faut un numéro" in page.context["form"].errors[f"enfant_{hugo.pk}"][0]


def test_un_numero_mal_ecrit_est_refuse_par_une_phrase(parent):
    premiere = commencer(parent, "adulte")
    parent.post(premiere, etapes_adulte()["identite"])
    page = parent.post(adresse(premiere, "telephones"), {"telephone": "douze"})
    assert "s'écrit avec dix chiffres" in page.context["form"].errors["telephone"][0]


def test_le_meme_adulte_n_est_pas_ajoute_deux_fois_mais_un_homonyme_oui(parent, foyer):
    papi(foyer)
    identite = etapes_adulte()["identite"]
    page = parent.post(commencer(parent, "adulte"), identite)
    assert "figure déjà dans votre entourage" in page.context["form"].errors["__all__"][0]
    assert parent.post(commencer(parent, "adulte"), identite | {"lien": "oncle_tante"}).status_code == 302


@pytest.mark.parametrize("nom", ["identite", "telephones", "enfants"])
def test_chaque_bloc_s_ouvre(parent, foyer, nom):
    fabriques.enfant(foyer)
    assert parent.get(bloc(papi(foyer), nom)).status_code == 200


def test_modifier_son_propre_nom_change_celui_du_compte(parent, foyer):
    celine = foyer.adultes.get()
    parent.post(
        bloc(celine, "identite"),
        {"civilite": "mme", "nom": "Martin", "prenom": "celine", "lien": "mere", "responsable_legal": "on"},
    )
    foyer.compte.refresh_from_db()
    assert (foyer.compte.nom, foyer.compte.prenom) == ("MARTIN", "Celine")


def test_qui_a_un_compte_reste_responsable_legal(parent, foyer):
    celine = foyer.adultes.get()
    page = parent.post(
        bloc(celine, "identite"), {"civilite": "mme", "nom": "LA STAR", "prenom": "Celine", "lien": "mere"}
    )
    assert "a un compte sur ce portail" in page.context["form"].errors["__all__"][0]
    celine.refresh_from_db()
    assert celine.responsable_legal


def test_un_contact_d_urgence_garde_un_numero(parent, foyer):
    georges = papi(foyer)
    actions.designer({(fabriques.enfant(foyer), georges): {"urgence"}}, None, MAINTENANT)
    page = parent.post(bloc(georges, "telephones"), {"telephone": "", "telephone_travail": ""})
    assert "doit garder un numéro" in page.context["form"].errors["__all__"][0]


def test_dire_ce_qu_un_adulte_peut_pour_chaque_enfant(parent, foyer):
    hugo, lina, georges = fabriques.enfant(foyer), fabriques.enfant(foyer, prenom="Lina"), papi(foyer)
    champs = {f"enfant_{hugo.pk}": ["recupere", "urgence"], f"enfant_{lina.pk}": ["interdit"]}
    assert parent.post(bloc(georges, "enfants"), champs).status_code == 302
    lignes = PersonneAutorisee.objects.order_by("enfant").values_list("enfant", "recupere", "urgence", "interdit")
    assert list(lignes) == [(hugo.pk, True, True, False), (lina.pk, False, False, True)]


def recus(courriels):
    return [c.get_body(("plain",)).get_content() for c in courriels()]


def test_lever_une_interdiction_laisse_sa_date_son_auteur_et_previent_le_service(parent, foyer, courriels):
    hugo, georges = fabriques.enfant(foyer), papi(foyer)
    actions.designer({(hugo, georges): {"interdit"}}, foyer.compte, MAINTENANT)
    [dit] = recus(courriels)
    assert "Quelqu'un ne doit plus approcher un enfant." in dit
    assert "Georges" not in dit, "un courriel n'est pas secret"
    jour = MAINTENANT + dt.timedelta(days=3)
    actions.designer({(hugo, georges): {"recupere"}}, foyer.compte, jour)
    assert "Une interdiction d'approcher un enfant cesse." in recus(courriels)[-1]
    lignes = hugo.personnes.order_by("pk").values_list("interdit", "recupere", "debut", "par", "fin", "fin_par")
    assert list(lignes) == [
        (True, False, dt.date(2026, 11, 12), foyer.compte.pk, dt.date(2026, 11, 15), foyer.compte.pk),
        (False, True, dt.date(2026, 11, 15), foyer.compte.pk, None, None),
    ]


def test_redire_la_meme_chose_n_ecrit_ni_ne_previent(foyer, courriels):
    hugo, georges = fabriques.enfant(foyer), papi(foyer)
    for _ in range(2):
        actions.designer({(hugo, georges): {"recupere"}}, foyer.compte, MAINTENANT)
    assert hugo.personnes.count() == 1
    assert courriels() == []


def test_retirer_et_remettre_quelqu_un_d_interdit_previent_le_service(foyer, courriels):
    hugo, georges = fabriques.enfant(foyer), papi(foyer)
    PersonneAutorisee.objects.create(enfant=hugo, adulte=georges, interdit=True)
    actions.retirer_adulte(georges, MAINTENANT)
    actions.retablir_adulte(georges)
    cesse, reprend = recus(courriels)
    assert "Une interdiction d'approcher un enfant cesse." in cesse
    assert "Quelqu'un ne doit plus approcher un enfant." in reprend


def test_on_n_interdit_pas_d_ici_quelqu_un_qui_a_un_compte(parent, foyer):
    hugo, celine = fabriques.enfant(foyer), foyer.adultes.get()
    page = parent.post(bloc(celine, "enfants"), {f"enfant_{hugo.pk}": ["interdit"]})
    assert page.status_code == 200
    assert not PersonneAutorisee.objects.exists()


def test_une_interdiction_dite_par_la_mairie_ne_se_leve_pas_d_ici(parent, foyer):
    hugo, celine = fabriques.enfant(foyer), foyer.adultes.get()
    PersonneAutorisee.objects.create(enfant=hugo, adulte=celine, interdit=True)
    page = parent.post(bloc(celine, "enfants"), {f"enfant_{hugo.pk}": ["recupere"]})
    assert "écrivez à la mairie" in page.context["form"].errors["__all__"][0]
    assert PersonneAutorisee.objects.get().interdit


def test_retirer_quelqu_un_de_l_entourage_dit_ce_qui_s_ensuit_et_garde_sa_fiche(parent, foyer):
    georges, hugo = papi(foyer), fabriques.enfant(foyer)
    actions.designer({(hugo, georges): {"interdit"}}, None, MAINTENANT)
    page = parent.get(reverse("familles:adulte_fin", args=[georges.pk])).content.decode()
    assert "ne doit pas approcher Hugo" in page
    parent.post(reverse("familles:adulte_fin", args=[georges.pk]))
    georges.refresh_from_db()
    assert georges.fin is not None
    assert not hugo.personnes.actuelles().exists()
    assert parent.get(reverse("familles:adulte", args=[georges.pk])).status_code == 404
    parent.post(reverse("familles:adulte_retablir", args=[georges.pk]))
    assert hugo.personnes.actuelles().get().interdit


def test_un_responsable_qui_a_un_compte_ne_se_retire_pas_lui_meme(parent, foyer):
    celine = foyer.adultes.get()
    page = parent.post(reverse("familles:adulte_fin", args=[celine.pk]))
    assert "pour l'enlever, écrivez à la mairie" in page.context["refus"]
    celine.refresh_from_db()
    assert celine.fin is None


def test_le_dernier_responsable_legal_reste():
    foyer = fabriques.famille(avec_compte=False)
    with pytest.raises(Exception, match="au moins un responsable légal"):
        actions.retirer_adulte(foyer.adultes.get(), fabriques.a_paris(2026, 11, 12))


def test_revenir_dans_l_entourage_quand_un_sosie_y_est_deja_est_refuse(parent, foyer):
    ancien = papi(foyer, fin=dt.date(2026, 9, 1))
    papi(foyer)
    reponse = parent.post(reverse("familles:adulte_retablir", args=[ancien.pk]), follow=True)
    assert "figure déjà dans votre entourage" in reponse.content.decode()


def test_changer_d_adresse_previent_le_service_et_ne_change_pas_le_tarif(parent, foyer, courriels):
    champs = {"adresse": "3 rue Neuve", "complement": "", "code_postal": "86000", "ville": "Poitiers"}
    parent.post(reverse("familles:foyer"), champs)
    foyer.refresh_from_db()
    assert (foyer.adresse, foyer.ville, foyer.hors_commune) == ("3 rue Neuve", "Poitiers", False)
    (avis,) = courriels()
    assert "changé d'adresse" in avis.get_body(("plain",)).get_content()
    assert "rue Neuve" not in str(avis)


def test_avant_l_envoi_du_dossier_hors_commune_suit_l_adresse(parent, foyer, courriels):
    type(foyer).objects.update(statut="en_creation", validee_le=None)
    parent.post(
        reverse("familles:foyer"),
        {"adresse": "3 rue Neuve", "complement": "", "code_postal": "86000", "ville": "Poitiers"},
    )
    foyer.refresh_from_db()
    assert foyer.hors_commune
    assert courriels() == []


def test_creer_un_foyer_avec_son_compte():
    fabriques.commune()
    compte = fabriques.compte()
    champs = {
        "civilite": "mme", "nom": "la star", "prenom": "CELINE", "adresse": "1 rue des Écoles", "complement": "",
        "code_postal": "86000", "ville": "Poitiers", "telephone": "0612345678", "telephone_travail": "",
    }  # fmt: skip
    foyer = actions.creer_foyer(compte, **champs)
    assert (foyer.nom, foyer.statut, foyer.hors_commune) == ("LA STAR", "en_creation", True)
    celine = foyer.adultes.get()
    assert (str(celine), celine.compte, celine.responsable_legal) == ("Celine LA STAR", compte, True)
    assert actions.creer_foyer(compte, **champs) == foyer


def test_l_entourage_se_lit_d_un_coup_d_oeil(parent, foyer):
    hugo, georges = fabriques.enfant(foyer), papi(foyer)
    papi(foyer, prenom="Ancien", fin=dt.date(2026, 9, 1))
    actions.designer(
        {(hugo, georges): {"recupere", "urgence"}, (hugo, foyer.adultes.get(prenom="Celine")): {"recupere"}},
        None, MAINTENANT,
    )  # fmt: skip
    page = parent.get(reverse("familles:entourage"))
    lignes = [(str(a), [p and p.recupere for _, p in cases]) for a, cases in page.context["lignes"]]
    assert lignes == [("Celine LA STAR", [True]), ("Georges DUPONT", [True])]
    assert [str(a) for a in page.context["anciens"]] == ["Ancien DUPONT"]
    assert 'data-label="Hugo"' in page.content.decode()


@pytest.mark.parametrize("nombre", [1, 30])
def test_l_entourage_fait_le_meme_nombre_de_requetes(parent, foyer, nombre, django_assert_num_queries):
    """Trente et non trois cents : douze enfants sont déjà plus que la vie."""
    enfants = [fabriques.enfant(foyer, prenom=f"Enfant {n}", ecole=None) for n in range(nombre)]
    for n in range(nombre):
        roles = {(e, papi(foyer, prenom=f"Papi {n} {e}")): {"recupere"} for e in enfants[:2]}
        actions.designer(roles, None, MAINTENANT)
        papi(foyer, prenom=f"Parti {n}", fin=dt.date(2026, 9, 1))
        parti = fabriques.enfant(foyer, prenom=f"Parti {n}", ecole=None)
        actions.terminer_enfant(parti, foyer, foyer.compte, fabriques.a_paris(2026, 9, 1))
    with django_assert_num_queries(8):
        parent.get(reverse("familles:entourage"))


@pytest.mark.parametrize("nombre", [1, 30])
def test_la_page_d_un_adulte_fait_le_meme_nombre_de_requetes(parent, foyer, nombre, django_assert_num_queries):
    """Trente et non trois cents : douze enfants sont déjà plus que la vie."""
    georges = papi(foyer)
    enfants = [fabriques.enfant(foyer, prenom=f"Enfant {n}", ecole=None) for n in range(nombre)]
    actions.designer({(e, georges): {"recupere"} for e in enfants}, None, MAINTENANT)
    with django_assert_num_queries(8):
        parent.get(reverse("familles:adulte", args=[georges.pk]))
