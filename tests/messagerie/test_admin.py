"""La messagerie vue de la mairie."""

from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from messagerie.models import Message
from tests import fabriques
from tests.beaucoup import copies, foyers, memes_requetes, ouvrir

from .test_fil import ecrire, photo

pytestmark = pytest.mark.django_db
LISTE = "/admin/messagerie/message/"


@pytest.fixture
def foyer():
    fabriques.commune()
    return fabriques.famille()


@pytest.fixture
def mairie(client):
    client.agent = fabriques.agent("Périscolaire", prenom="Odile", nom="MARTIN")
    client.force_login(client.agent)
    return client


def fil(famille):
    return reverse("admin:messagerie_fil", args=[famille.pk])


def conversations(client, **filtres):
    return [m.famille.nom for m in client.get(LISTE, filtres).context["cl"].result_list]


@pytest.fixture
def trois(foyer):
    """Une conversation répondue et récente, une à lire et ancienne, une lue sans réponse."""
    repondue, a_lire, sans_reponse = (fabriques.famille(nom=nom) for nom in ("RÉPONDUE", "À LIRE", "SANS RÉPONSE"))
    ecrire(a_lire, heure=8)
    ecrire(a_lire, "Alors ?", heure=9)
    ecrire(repondue, heure=10)
    Message.objects.filter(famille=repondue).update(lu_le=fabriques.a_paris(2026, 11, 12))
    ecrire(repondue, de_la_mairie=True, heure=15)
    ecrire(sans_reponse, heure=14)
    Message.objects.filter(famille=sans_reponse).update(lu_le=fabriques.a_paris(2026, 11, 12))


def test_une_ligne_par_conversation_les_non_lues_d_abord(mairie, trois):
    assert conversations(mairie) == ["À LIRE", "RÉPONDUE", "SANS RÉPONSE"]
    assert "2 à lire" in mairie.get(LISTE).content.decode()


@pytest.mark.parametrize(
    ("etat", "noms"),
    [("a_lire", ["À LIRE"]), ("sans_reponse", ["À LIRE", "SANS RÉPONSE"]), ("repondues", ["RÉPONDUE"])],
)
def test_les_conversations_se_filtrent(mairie, trois, etat, noms):
    assert conversations(mairie, etat=etat) == noms


@pytest.mark.parametrize("terme", ["repondue", "RÉPONDU"])
def test_une_conversation_se_cherche_sans_accents(mairie, trois, terme):
    assert conversations(mairie, q=terme) == ["RÉPONDUE"]


def test_le_fil_et_la_reponse_sont_sur_une_page(mairie, foyer):
    message = ecrire(foyer, "Hugo mangera-t-il ?")
    page = mairie.get(fil(foyer)).content.decode()
    assert "Hugo mangera-t-il" in page
    assert "Votre réponse" in page
    message.refresh_from_db()
    assert message.lu_le is not None


def test_qui_repond_est_garde(mairie, foyer):
    ecrire(foyer)
    reponse = mairie.post(fil(foyer), {"texte": "Oui, à 12 h.", "jeton": uuid4(), "pieces": [photo()]})
    assert reponse.url == fil(foyer)
    ecrite = Message.objects.get(de_la_mairie=True)
    assert (ecrite.auteur, ecrite.texte, ecrite.pieces.count()) == (mairie.agent, "Oui, à 12 h.", 1)
    assert "Odile MARTIN" in mairie.get(fil(foyer)).content.decode()


def test_la_mairie_ecrit_la_premiere(mairie, foyer):
    assert "écrivez le premier" in mairie.get(fil(foyer)).content.decode()
    mairie.post(fil(foyer), {"texte": "Bonjour", "jeton": uuid4()})
    assert Message.objects.get().famille == foyer


def test_une_reponse_vide_est_refusee_sans_perdre_le_fil(mairie, foyer):
    ecrire(foyer, "Question")
    page = mairie.post(fil(foyer), {"texte": "", "jeton": uuid4()})
    assert page.status_code == 200
    assert "Question" in page.content.decode()
    assert "Écrivez votre message." in page.content.decode()


def test_ouvrir_un_message_ouvre_sa_conversation(mairie, foyer):
    message = ecrire(foyer, "Question")
    assert "Question" in mairie.get(reverse("admin:messagerie_message_change", args=[message.pk])).content.decode()


def test_le_texte_ne_va_pas_dans_le_journal(mairie, foyer):
    mairie.post(fil(foyer), {"texte": "Secret", "jeton": uuid4()})
    assert "Secret" not in str(Message.objects.get())
    assert not LogEntry.objects.exists()


def test_qui_ne_peut_que_lire_ne_repond_pas(client, foyer):
    client.force_login(fabriques.lecteur("familles.view_famille", "messagerie.view_message"))
    assert "Votre réponse" not in client.get(fil(foyer)).content.decode()
    assert client.post(fil(foyer), {"texte": "Bonjour", "jeton": uuid4()}).status_code == 403


def test_sans_droit_la_messagerie_est_fermee(client, foyer):
    client.force_login(fabriques.lecteur("familles.view_famille"))
    assert client.get(fil(foyer)).status_code == 403
    assert client.get(LISTE).status_code == 403


def test_un_parent_n_entre_pas(client, foyer):
    client.force_login(foyer.compte)
    assert client.get(fil(foyer)).status_code == 302


def test_la_liste_fait_le_meme_nombre_de_requetes(mairie, foyer):
    message = ecrire(foyer)
    with memes_requetes(ouvrir(mairie, LISTE), au_plus=16):
        copies(message, famille=foyers())
