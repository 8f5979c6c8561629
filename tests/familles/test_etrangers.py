"""Toutes les adresses des familles, tirées de la liste des adresses : fermées à qui n'en est pas."""

from uuid import uuid4

import pytest
from django.urls import reverse

from familles import actions
from familles.urls import urlpatterns
from tests import fabriques

pytestmark = pytest.mark.django_db
OUVERTES_A_TOUTE_FAMILLE = {
    "ajouter", "ajouter_enfant", "ajouter_adulte", "ajouter_etape", "ajouter_abandonner", "entourage", "foyer",
}  # fmt: skip
NOMS = [motif.name for motif in urlpatterns]


@pytest.fixture
def chez_les_autres():
    foyer = fabriques.famille(nom="SECRET")
    petit = fabriques.enfant(foyer)
    parti = fabriques.enfant(foyer, prenom="Parti")
    actions.terminer_enfant(parti, foyer, foyer.compte, fabriques.a_paris(2026, 11, 12))
    return {
        "enfant": petit.pk,
        "adulte": foyer.adultes.get().pk,
        "rattachement": parti.rattachements.get().pk,
    }


def adresse(nom, pks):
    if nom == "ajouter_etape":
        return reverse("familles:ajouter_etape", args=["enfant", uuid4(), "identite"])
    if nom == "ajouter_abandonner":
        return reverse("familles:ajouter_abandonner", args=[uuid4()])
    if nom in OUVERTES_A_TOUTE_FAMILLE:
        return reverse(f"familles:{nom}")
    objet = "rattachement" if nom == "enfant_retablir" else "adulte" if nom.startswith("adulte") else "enfant"
    arguments = {"pk": pks[objet]}
    if nom.endswith("_bloc"):
        arguments["bloc"] = "identite"
    return reverse(f"familles:{nom}", kwargs=arguments)


@pytest.mark.parametrize("nom", NOMS)
def test_un_inconnu_est_envoye_a_la_connexion(client, chez_les_autres, nom):
    reponse = client.get(adresse(nom, chez_les_autres))
    assert reponse.status_code == 302
    assert reponse.url.startswith(reverse("connexion"))


@pytest.mark.parametrize("nom", [nom for nom in NOMS if nom not in OUVERTES_A_TOUTE_FAMILLE])
@pytest.mark.parametrize("methode", ["get", "post"])
def test_un_autre_parent_ne_trouve_rien(client, chez_les_autres, nom, methode):
    client.force_login(fabriques.famille().compte)
    reponse = getattr(client, methode)(adresse(nom, chez_les_autres))
    assert reponse.status_code in ([404, 405] if methode == "get" else [404])


@pytest.mark.parametrize("nom", [nom for nom in NOMS if nom not in {"photo"}])
def test_la_mairie_n_entre_pas_par_la_porte_des_parents(client, chez_les_autres, nom):
    client.force_login(fabriques.agent("Direction"))
    reponse = client.post(adresse(nom, chez_les_autres))
    assert reponse.status_code in (404, 302)  # 302 : un ajout qui commence, et s'arrête à sa première étape
    if reponse.status_code == 302:
        assert nom.startswith("ajouter_")


def test_un_parent_parti_de_l_entourage_n_ouvre_plus_rien(client):
    foyer = fabriques.famille()
    petit = fabriques.enfant(foyer)
    foyer.adultes.update(fin=fabriques.RENTREE)
    client.force_login(foyer.compte)
    assert client.get(reverse("familles:enfant", args=[petit.pk])).status_code == 404
    assert client.get(reverse("familles:entourage")).status_code == 404
