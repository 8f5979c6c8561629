"""Un enfant, deux foyers : chacun voit l'enfant, aucun ne voit l'autre."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from familles import actions
from familles.models import Autorisation, Enfant, FicheSanitaire, PersonneAutorisee
from tests import fabriques

pytestmark = pytest.mark.django_db
MAINTENANT = fabriques.a_paris(2026, 11, 12)


@pytest.fixture
def chez_celine():
    return fabriques.famille()


@pytest.fixture
def chez_marc():
    foyer = fabriques.famille(nom="DURAND", adresse="99 chemin secret", ville="Poitiers")
    foyer.adultes.update(prenom="Marc", telephone="07 99 99 99 99", lien="pere")
    return foyer


@pytest.fixture
def hugo(chez_celine, chez_marc):
    petit = fabriques.enfant(chez_celine)
    fabriques.rattacher(petit, chez_marc)
    return petit


PAGES = [
    "familles:enfant", "reservations:depart", "familles:photo_modifier",
    *[("familles:enfant_bloc", bloc) for bloc in ("identite", "ecole", "sante", "autorisations", "entourage")],
]  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_aucune_page_d_un_foyer_ne_dit_rien_de_l_autre(client, chez_celine, chez_marc, hugo, page):
    actions.designer({(hugo, chez_marc.adultes.get()): {"recupere", "urgence"}}, None, MAINTENANT)
    actions.repondre(hugo, {"photo": True}, chez_marc.compte, MAINTENANT)
    nom, *reste = (page,) if isinstance(page, str) else page
    client.force_login(chez_celine.compte)
    vue = client.get(reverse(nom, args=[hugo.pk, *reste]))
    assert vue.status_code == 200
    texte = vue.content.decode()
    for secret in ["Marc", "DURAND", "chemin secret", "Poitiers", "07 99", chez_marc.compte.email]:
        assert secret not in texte


def test_l_entourage_d_un_foyer_est_le_sien(client, chez_celine, chez_marc, hugo):
    actions.designer({(hugo, chez_marc.adultes.get()): {"recupere"}}, None, MAINTENANT)
    client.force_login(chez_celine.compte)
    page = client.get(reverse("familles:entourage")).content.decode()
    assert "Marc" not in page
    assert "chemin secret" not in page


def test_la_reponse_de_l_autre_foyer_se_lit_sans_dire_de_qui(client, chez_celine, chez_marc, hugo):
    actions.repondre(hugo, {"photo": False}, chez_marc.compte, MAINTENANT)
    client.force_login(chez_celine.compte)
    assert "par son autre foyer" in client.get(reverse("familles:enfant", args=[hugo.pk])).content.decode()


def test_un_foyer_ne_touche_pas_aux_personnes_de_l_autre(client, chez_celine, chez_marc, hugo):
    marc = chez_marc.adultes.get()
    actions.designer({(hugo, marc): {"recupere"}}, None, MAINTENANT)
    client.force_login(chez_celine.compte)
    celine = chez_celine.adultes.get()
    client.post(
        reverse("familles:enfant_bloc", args=[hugo.pk, "entourage"]),
        {f"adulte_{celine.pk}": ["recupere"], f"adulte_{marc.pk}": ["interdit"]},
    )
    assert PersonneAutorisee.objects.get(adulte=marc).recupere


def test_la_sante_est_celle_de_l_enfant_dans_les_deux_foyers(client, chez_marc, hugo):
    actions.enregistrer_fiche(hugo, allergies="Arachide")
    client.force_login(chez_marc.compte)
    assert "Arachide" in client.get(reverse("familles:enfant", args=[hugo.pk])).content.decode()


def test_un_depart_d_un_foyer_ne_change_rien_a_l_autre(client, chez_celine, chez_marc, hugo):
    actions.terminer_enfant(hugo, chez_celine, chez_celine.compte, MAINTENANT)
    client.force_login(chez_marc.compte)
    assert client.get(reverse("familles:enfant", args=[hugo.pk])).status_code == 200
    client.force_login(chez_celine.compte)
    assert client.get(reverse("familles:enfant", args=[hugo.pk])).status_code == 404


def test_on_ne_revient_pas_de_soi_meme_aupres_d_un_enfant_qui_a_un_autre_foyer(chez_celine, hugo):
    actions.terminer_enfant(hugo, chez_celine, chez_celine.compte, MAINTENANT)
    ancien = hugo.rattachements.exclude(fin=None).get()
    with pytest.raises(ValidationError) as refus:
        actions.retablir_enfant(ancien, chez_celine.compte, MAINTENANT)
    assert refus.value.code == "a_la_mairie"


def test_retirer_son_consentement_efface_la_sante_de_ses_enfants(chez_celine):
    hugo, autre = fabriques.enfant(chez_celine), fabriques.enfant()
    for petit in (hugo, autre):
        actions.enregistrer_fiche(petit, allergies="Arachide")
    assert actions.effacer_sante(chez_celine) == 1
    assert list(FicheSanitaire.objects.values_list("enfant", flat=True)) == [autre.pk]


def test_la_fiche_d_un_enfant_partage_reste_tant_que_l_autre_foyer_consent(chez_celine, chez_marc, hugo):
    actions.enregistrer_fiche(hugo, allergies="Arachide")
    assert actions.effacer_sante(chez_celine, consentantes=[chez_marc]) == 0
    assert actions.effacer_sante(chez_marc) == 1
    assert not FicheSanitaire.objects.exists()


@pytest.fixture
def doublons(chez_celine, chez_marc):
    """Le même enfant, ajouté par chacun de ses parents."""
    ici, la = fabriques.enfant(chez_celine), fabriques.enfant(chez_marc, nom="LA STAR")
    actions.enregistrer_fiche(ici, allergies="Arachide", regime="sans_porc", medecin="Dr Auger")
    actions.enregistrer_fiche(la, allergies="Œuf", regime="sans_viande", medecin="Dr Auger")
    actions.designer({(la, chez_marc.adultes.get()): {"recupere"}}, None, MAINTENANT)
    actions.repondre(la, {"photo": False}, chez_marc.compte, MAINTENANT)
    return ici, la


def test_la_mairie_reunit_deux_fiches_sans_rien_perdre(chez_celine, chez_marc, doublons):
    ici, la = doublons
    actions.reunir_enfants(la, ici, fabriques.agent("Périscolaire"), MAINTENANT)
    assert set(ici.rattachements.actuels().values_list("famille", "foyer")) == {(chez_celine.pk, 1), (chez_marc.pk, 2)}
    assert list(Enfant.objects.de_la_famille(chez_marc)) == [ici]
    fiche = FicheSanitaire.objects.get(enfant=ici)
    assert (fiche.allergies, fiche.regime, fiche.medecin) == ("Arachide\nŒuf", "sans_viande", "Dr Auger")
    assert PersonneAutorisee.objects.get().enfant == ici
    assert Autorisation.objects.get().enfant == ici


def test_on_ne_reunit_ni_deux_freres_ni_un_enfant_qui_a_deja_deux_foyers(chez_celine, chez_marc, hugo):
    agent = fabriques.agent("Périscolaire")
    frere = fabriques.enfant(chez_celine, prenom="Lina")
    with pytest.raises(ValidationError) as refus:
        actions.reunir_enfants(fabriques.enfant(chez_celine, prenom="Léo"), frere, agent, MAINTENANT)
    assert refus.value.code == "meme_foyer"
    with pytest.raises(ValidationError) as refus:
        actions.reunir_enfants(frere, hugo, agent, MAINTENANT)
    assert refus.value.code == "deux_foyers"


def test_un_rattachement_commence_plus_tard_ne_finit_pas_avant(chez_celine):
    petit = fabriques.enfant(chez_celine)
    petit.rattachements.update(debut=dt.date(2027, 1, 4))
    actions.terminer_enfant(petit, chez_celine, chez_celine.compte, MAINTENANT)
    assert petit.rattachements.get().fin == dt.date(2027, 1, 4)
