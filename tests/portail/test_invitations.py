"""Un second responsable s'invite par courriel : une fois, trois jours, et rien n'est dit de l'adresse invitée."""

import datetime as dt
import re

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from familles.models import Adulte, Enfant, Famille
from portail import actions
from portail.actions import installer_textes
from portail.models import Compte, Invitation
from tests import fabriques as f

pytestmark = pytest.mark.django_db
MAINTENANT = f.a_paris(2026, 11, 26)
PORTAIL = "https://famille.exemple.fr"
SECRET = "trois mots sans rapport"
NAISSANCE = "2018-02-07"


@pytest.fixture(autouse=True)
def _novembre(time_machine, settings):
    settings.ADRESSE = PORTAIL
    f.commune()
    time_machine.move_to(MAINTENANT, tick=False)


@pytest.fixture
def celine():
    foyer = f.famille()
    f.enfant(foyer)
    return foyer


@pytest.fixture
def marc(celine):
    """Le conjoint, qui figure dans le foyer sans compte."""
    return Adulte.objects.create(
        famille=celine, civilite="m", nom="LA STAR", prenom="Marc", lien="pere", responsable_legal=True
    )


def inviter(client, celine, marc, email="marc@exemple.fr"):
    client.force_login(celine.compte)
    reponse = client.post(reverse("inviter", args=[marc.pk]), {"email": email, "confirmation": email}, follow=True)
    client.logout()
    return reponse


def lien(courriels):
    """Le chemin de l'invitation, lu dans le seul courriel parti."""
    [recu] = [r for r in courriels() if "/invitation/" in r.get_body(("plain",)).get_content()]
    return re.search(rf"{PORTAIL}(/invitation/\S+)", recu.get_body(("plain",)).get_content())[1]


def reponse(**champs):
    return {"naissance": NAISSANCE, "new_password1": SECRET, "new_password2": SECRET} | champs


COORDONNEES = {
    "adresse": "2 rue Neuve", "complement": "", "code_postal": "86000", "ville": "Poitiers",
    "telephone": "0611111111", "telephone_travail": "",
}  # fmt: skip


def test_le_conjoint_ouvre_le_meme_espace_avec_son_propre_compte(client, celine, marc, courriels):
    inviter(client, celine, marc)
    page = lien(courriels)
    installer_textes()
    assert "Marc LA STAR" in client.get(page).content.decode()
    assert client.post(page, reponse()).status_code == 302
    marc.refresh_from_db()
    assert (marc.compte.email, marc.compte.prenom, marc.famille) == ("marc@exemple.fr", "Marc", celine)
    assert list(Enfant.objects.du_compte(marc.compte)) == list(Enfant.objects.de_la_famille(celine))
    assert client.get(reverse("accueil")).url.startswith(reverse("consentement")), "il consent d'abord"
    [service] = courriels()
    assert service["To"] == "periscolaire@migne-auxances.fr"
    assert "Marc" not in service.get_body(("plain",)).get_content()


def test_le_courriel_ne_nomme_personne(client, celine, marc, courriels):
    inviter(client, celine, marc)
    [recu] = courriels()
    texte = recu.get_body(("plain",)).get_content()
    assert not re.search("Marc|Celine|LA STAR|Hugo", texte)
    assert Invitation.objects.get().empreinte not in texte, "la base ne garde que l'empreinte du lien"


def test_le_lien_sert_une_fois_et_trois_jours(client, celine, marc, courriels, time_machine):
    inviter(client, celine, marc)
    page = lien(courriels)
    time_machine.move_to(MAINTENANT + dt.timedelta(days=3, minutes=1), tick=False)
    assert client.get(page).status_code == 410
    assert client.post(page, reponse()).status_code == 410
    time_machine.move_to(MAINTENANT + dt.timedelta(days=3), tick=False)
    client.post(page, reponse())
    client.logout()
    assert client.get(page).status_code == client.post(page, reponse()).status_code == 410
    assert client.get(reverse("invitation", args=["invente"])).status_code == 410


def test_deux_invitations_du_meme_adulte_n_ouvrent_qu_un_acces(client, celine, marc, courriels):
    inviter(client, celine, marc)
    premier = lien(courriels)
    inviter(client, celine, marc, "autre@exemple.fr")
    client.post(lien(courriels), reponse())
    client.logout()
    assert client.get(premier).status_code == 410
    assert not Compte.objects.filter(email="marc@exemple.fr").exists()


def test_qui_invite_n_apprend_pas_si_l_adresse_a_un_compte(client, celine, marc):
    connue = f.famille().compte.email
    pages = [inviter(client, celine, marc, email).content.decode() for email in ("inconnue@exemple.fr", connue)]
    sans_jeton = [re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page) for page in pages]
    assert sans_jeton[0] == sans_jeton[1]
    assert connue not in pages[1]


def test_une_adresse_qui_a_un_compte_se_connecte_pour_accepter(client, celine, marc, courriels):
    connu = f.compte(email="marc@exemple.fr")
    inviter(client, celine, marc)
    page = lien(courriels)
    assert f"{reverse('connexion')}?next={page}" in client.get(page).content.decode()
    client.post(page, reponse())
    marc.refresh_from_db()
    assert marc.compte is None, "un lien ne vaut pas un mot de passe"
    client.force_login(celine.compte)
    assert "connecté avec un autre compte" in client.get(page).content.decode()
    client.force_login(connu)
    client.post(page, {"naissance": NAISSANCE})
    marc.refresh_from_db()
    assert marc.compte == connu


def test_un_compte_qui_a_deja_un_foyer_n_en_prend_pas_un_second(client, celine, marc, courriels):
    voisin = f.famille()
    inviter(client, celine, marc, voisin.compte.email)
    page = lien(courriels)
    client.force_login(voisin.compte)
    vue = client.post(page, {"naissance": NAISSANCE})
    assert "déjà celui d&#x27;un autre foyer" in vue.content.decode()
    marc.refresh_from_db()
    assert marc.compte is None


def test_une_adresse_mal_tapee_n_ouvre_pas_la_famille_a_un_inconnu(client, celine, marc, courriels):
    """Il ne connaît pas la date de naissance d'un enfant, et n'a pas cent essais."""
    inviter(client, celine, marc)
    page = lien(courriels)
    for _ in range(5):
        vue = client.post(page, reponse(naissance="2018-02-08"))
        assert "Ce n&#x27;est pas la date de naissance" in vue.content.decode()
    assert client.post(page, reponse()).status_code == 429
    assert not Compte.objects.filter(email="marc@exemple.fr").exists()


@pytest.mark.parametrize(("champs", "code"), [
    ({"responsable_legal": False}, "pas_responsable"), ({"fin": dt.date(2026, 11, 1)}, "pas_responsable"),
])  # fmt: skip
def test_on_n_invite_qu_un_responsable_du_foyer(celine, marc, champs, code):
    Adulte.objects.filter(pk=marc.pk).update(**champs)
    with pytest.raises(ValidationError) as refus:
        actions.inviter_responsable(marc, "marc@exemple.fr", celine.compte, PORTAIL, MAINTENANT)
    assert refus.value.code == code


def test_un_parent_n_invite_ni_chez_un_autre_ni_cent_fois(client, celine, marc):
    client.force_login(f.famille().compte)
    assert client.get(reverse("inviter", args=[marc.pk])).status_code == 404
    client.force_login(celine.compte)
    codes = [
        client.post(reverse("inviter", args=[marc.pk]), {"email": "a@b.fr", "confirmation": "a@b.fr"}).status_code
        for _ in range(6)
    ]
    assert codes == [302] * 5 + [429]


def test_un_adulte_parti_depuis_rend_son_invitation_caduque(client, celine, marc, courriels):
    inviter(client, celine, marc)
    Adulte.objects.filter(pk=marc.pk).update(fin=dt.date(2026, 11, 26))
    assert client.get(lien(courriels)).status_code == 410


# --- L'autre parent, dans son propre foyer --------------------------------------------------------------------------
@pytest.fixture
def mairie(client):
    client.force_login(f.agent("Périscolaire"))
    return client


def inviter_l_autre(mairie, enfant, email="alex@exemple.fr"):
    champs = {"civilite": "m", "nom": "durand", "prenom": "alex", "email": email, "confirmation": email}
    mairie.post(reverse("mairie_inviter", args=[enfant.pk]), champs)
    mairie.logout()


def test_l_autre_parent_ouvre_son_foyer_et_y_trouve_l_enfant(mairie, celine, courriels):
    hugo = celine.enfants.get()
    inviter_l_autre(mairie, hugo)
    page = lien(courriels)
    vue = mairie.get(page).content.decode()
    assert not re.search("Celine|LA STAR|rue des Écoles|Hugo", vue)
    mairie.post(page, reponse(**COORDONNEES))
    foyer = Famille.objects.du_compte(Compte.objects.get(email="alex@exemple.fr")).get()
    assert (foyer.nom, foyer.ville, foyer.statut) == ("DURAND", "Poitiers", "en_creation")
    assert set(hugo.rattachements.actuels().values_list("famille", "foyer")) == {(celine.pk, 1), (foyer.pk, 2)}


def test_un_parent_qui_a_deja_son_foyer_y_accueille_l_enfant(mairie, celine, courriels):
    hugo, alex = celine.enfants.get(), f.famille(nom="DURAND")
    inviter_l_autre(mairie, hugo, alex.compte.email)
    page = lien(courriels)
    mairie.force_login(alex.compte)
    assert "coordonnees" not in mairie.get(page).context["forms"]
    mairie.post(page, {"naissance": NAISSANCE})
    assert set(hugo.familles.values_list("pk", flat=True)) == {celine.pk, alex.pk}
    assert Famille.objects.count() == 2


def test_ni_son_propre_foyer_ni_un_troisieme(mairie, celine, courriels):
    hugo = celine.enfants.get()
    inviter_l_autre(mairie, hugo, celine.compte.email)
    page = lien(courriels)
    mairie.force_login(celine.compte)
    assert "déjà dans votre foyer" in mairie.post(page, {"naissance": NAISSANCE}).content.decode()
    f.rattacher(hugo, f.famille())
    with pytest.raises(ValidationError) as refus:
        actions.inviter_autre_parent(hugo, {"civilite": "m", "nom": "x", "prenom": "y"}, "a@b.fr", celine.compte,
                                     PORTAIL, MAINTENANT)  # fmt: skip
    assert refus.value.code == "deux_foyers"


def test_la_regie_n_invite_personne(client, celine):
    client.force_login(f.agent("Régie"))
    assert client.get(reverse("mairie_inviter", args=[celine.enfants.get().pk])).status_code == 403


def test_les_invitations_finies_s_effacent_la_nuit(celine, marc):
    for n, champs in enumerate([{}, {"utilisee_le": MAINTENANT}, {"envoyee_le": MAINTENANT - dt.timedelta(days=4)}]):
        defauts = {"email": "a@b.fr", "adulte": marc, "civilite": "m", "nom": "LA STAR", "prenom": "Marc",
                   "empreinte": f"{n:064d}", "envoyee_par": celine.compte, "envoyee_le": MAINTENANT}  # fmt: skip
        Invitation.objects.create(**defauts | champs)
    assert actions.purger_invitations(MAINTENANT) == 2
    assert Invitation.objects.get().empreinte == f"{0:064d}"
