"""Le fil vu de la famille."""

import io
from uuid import uuid4

import pikepdf
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from messagerie import actions
from messagerie.models import Message, PieceJointe
from messagerie.views import lire
from tests import fabriques
from tests.beaucoup import copies, memes_requetes, ouvrir
from tests.familles.test_double_clic import ensemble

pytestmark = pytest.mark.django_db
FIL = "/messagerie/"


@pytest.fixture
def foyer():
    fabriques.commune()
    return fabriques.famille()


@pytest.fixture
def parent(client, foyer):
    client.force_login(foyer.compte)
    return client


def ecrire(famille, texte="Bonjour", de_la_mairie=False, heure=12, **champs):
    auteur = fabriques.agent("Périscolaire", prenom="Odile", nom="MARTIN") if de_la_mairie else famille.compte
    return actions.envoyer(
        famille, auteur, texte, jeton=uuid4(), de_la_mairie=de_la_mairie,
        maintenant=fabriques.a_paris(2026, 11, 12, heure), **champs,
    )  # fmt: skip


def photo(nom="dessin.png"):
    tampon = io.BytesIO()
    Image.new("RGB", (300, 200), "teal").save(tampon, "PNG")
    return SimpleUploadedFile(nom, tampon.getvalue(), "image/png")


def pdf(nom="menu.pdf"):
    tampon = io.BytesIO()
    document = pikepdf.new()
    document.add_blank_page()
    document.save(tampon)
    return SimpleUploadedFile(nom, tampon.getvalue(), "application/pdf")


def test_un_fil_vide_invite_a_ecrire(parent):
    assert "Aucun message" in parent.get(FIL).content.decode()


def test_un_parent_ecrit_a_la_mairie(parent, foyer):
    with time_machine.travel("2026-11-12T11:00Z", tick=False):
        reponse = parent.post(FIL, {"texte": " Bonjour, Hugo ira-t-il ? ", "jeton": uuid4()})
    assert reponse.url == FIL
    message = Message.objects.get()
    assert (message.texte, message.auteur, message.de_la_mairie) == ("Bonjour, Hugo ira-t-il ?", foyer.compte, False)
    assert message.envoye_le == fabriques.a_paris(2026, 11, 12, 12)
    assert "Hugo ira-t-il" in parent.get(FIL).content.decode()


def test_le_meme_envoi_deux_fois_n_ecrit_qu_un_message(parent):
    jeton = parent.get(FIL).context["form"]["jeton"].value()
    for _ in range(2):
        assert parent.post(FIL, {"texte": "Bonjour", "jeton": jeton, "pieces": [photo()]}).status_code == 302
    assert (Message.objects.count(), PieceJointe.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_six_envois_simultanes_n_ecrivent_qu_un_message(foyer):
    jeton = uuid4()

    def envoyer():
        return actions.envoyer(foyer, foyer.compte, "Bonjour", jeton=jeton, maintenant=fabriques.a_paris(2026, 11, 12))

    assert len({message.pk for message in ensemble(envoyer)}) == 1


@pytest.mark.parametrize(
    ("donnees", "champ", "phrase"),
    [
        ({"texte": "  "}, "texte", "Écrivez votre message."),
        ({"texte": "a" * 5001}, "texte", "5000"),
        ({"texte": "Bonjour", "pieces": lambda: [photo()] * 6}, "pieces", "au plus 5 fichiers"),
        ({"texte": "Bonjour", "pieces": lambda: [photo(nom="virus.exe")]}, "pieces", "ne sont pas acceptés"),
    ],
)
def test_un_refus_garde_le_texte(parent, donnees, champ, phrase):
    if "pieces" in donnees:
        donnees = donnees | {"pieces": donnees["pieces"]()}
    page = parent.post(FIL, donnees | {"jeton": uuid4()})
    assert phrase in page.context["form"].errors[champ][0]
    assert page.context["form"]["texte"].value() == donnees["texte"]
    assert not Message.objects.exists()


def test_le_texte_ne_devient_pas_du_html(parent, foyer):
    ecrire(foyer, "<script>alert(1)</script>")
    assert "<script>alert" not in parent.get(FIL).content.decode()


def test_les_pieces_jointes_sont_refaites_et_se_telechargent(parent):
    parent.post(FIL, {"texte": "Voici", "jeton": uuid4(), "pieces": [photo(), pdf()]})
    noms = list(PieceJointe.objects.order_by("pk").values_list("nom", flat=True))
    assert noms == ["dessin.jpg", "menu.pdf"]
    jointe = PieceJointe.objects.first()
    assert "dessin" not in jointe.fichier.name
    reponse = parent.get(reverse("messagerie:piece", args=[jointe.pk]))
    assert reponse["Content-Disposition"] == 'attachment; filename="dessin.jpg"'
    assert reponse["X-Content-Type-Options"] == "nosniff"
    assert b"".join(reponse.streaming_content).startswith(b"\xff\xd8")


def test_ouvrir_le_fil_marque_lu_ce_que_la_mairie_a_ecrit(parent, foyer):
    sien = ecrire(foyer)
    recu = ecrire(foyer, "Bonjour Madame", de_la_mairie=True)
    assert Message.objects.du_compte(foyer.compte).non_lus_par_la_famille().count() == 1
    page = parent.get(FIL).content.decode()
    assert "Nouveau" in page  # dit une fois, au moment où on l'ouvre
    for message in (sien, recu):
        message.refresh_from_db()
    assert recu.lu_le is not None
    assert sien.lu_le is None
    assert "Nouveau" not in parent.get(FIL).content.decode()


def test_la_famille_lit_le_nom_de_la_mairie_pas_celui_de_l_agent(parent, foyer):
    ecrire(foyer, de_la_mairie=True)
    page = parent.get(FIL).content.decode()
    assert "Mairie de Migné-Auxances" in page
    assert "Odile" not in page


def test_le_fil_se_lit_de_haut_en_bas_et_page_par_page(parent, foyer):
    Message.objects.bulk_create(
        Message(
            famille=foyer,
            auteur=foyer.compte,
            texte=f"n° {n}",
            envoye_le=fabriques.a_paris(2026, 11, 1 + n % 28, n // 28),
        )
        for n in range(45)
    )
    tous = [m.texte for m in Message.objects.order_by("envoye_le", "pk")]
    assert [m.texte for m in parent.get(FIL).context["page"]] == tous[-20:]
    assert [m.texte for m in parent.get(FIL, {"page": 2}).context["page"]] == tous[5:25]


def test_le_fil_fait_le_meme_nombre_de_requetes(parent, foyer):
    message = ecrire(foyer)
    jointe = PieceJointe.objects.create(message=message, nom="a.pdf", fichier="x.pdf")
    with memes_requetes(ouvrir(parent, FIL), au_plus=8):
        copies(jointe, message=copies(message, jeton=lambda _: uuid4()))


# --- Les courriels ------------------------------------------------------------------------------------------------
def test_quand_la_mairie_ecrit_chaque_parent_est_prevenu_sans_rien_apprendre(foyer, courriels):
    autre = fabriques.compte(email="marc@exemple.fr")
    foyer.adultes.create(civilite="m", nom="LA STAR", prenom="Marc", compte=autre)
    foyer.adultes.create(
        civilite="m",
        nom="PARTI",
        prenom="Jean",
        compte=fabriques.compte(email="jean@exemple.fr"),
        fin=fabriques.RENTREE,
    )
    ecrire(foyer, "Votre facture de 42 € est impayée", de_la_mairie=True)
    recus = courriels()
    assert sorted(m["To"] for m in recus) == sorted([foyer.compte.email, "marc@exemple.fr"])
    for message in recus:
        entier = str(message)
        assert reverse("messagerie:fil") in message.get_body(("plain",)).get_content()
        for secret in ["facture", "impayée", "LA STAR", "Celine", "Odile"]:
            assert secret not in entier


def test_quand_une_famille_ecrit_le_service_est_prevenu_sans_rien_apprendre(foyer, courriels):
    ecrire(foyer, "Hugo est allergique")
    (message,) = courriels()
    assert message["To"] == "periscolaire@migne-auxances.fr"
    assert reverse("admin:messagerie_fil", args=[foyer.pk]) in message.get_body(("plain",)).get_content()
    for secret in ["Hugo", "allergique", "LA STAR", "Celine"]:
        assert secret not in str(message)


def test_plusieurs_messages_d_affilee_ne_font_qu_un_courriel_puis_un_autre_plus_tard(foyer, courriels):
    ecrire(foyer, "Bonjour")
    ecrire(foyer, "J'oubliais")
    assert len(courriels()) == 1
    ecrire(foyer, "Toujours pas de réponse ?", heure=16)
    assert len(courriels()) == 1
    actions.marquer_lus(lire(foyer, 1), fabriques.a_paris(2026, 11, 12, 17), par_la_mairie=True)
    ecrire(foyer, "Merci", heure=17)
    assert len(courriels()) == 1


def test_un_message_arrive_pendant_la_lecture_reste_a_lire(foyer):
    montre = ecrire(foyer, "Vous l'avez lu", de_la_mairie=True)
    page = lire(foyer, 1)
    arrive = ecrire(foyer, "Pas encore", de_la_mairie=True)
    actions.marquer_lus(page, fabriques.a_paris(2026, 11, 12, 17))
    montre.refresh_from_db()
    arrive.refresh_from_db()
    assert (montre.lu_le is not None, arrive.lu_le) == (True, None)


# --- Les étrangers ------------------------------------------------------------------------------------------------
def test_un_inconnu_est_envoye_a_la_connexion(client, foyer):
    jointe = PieceJointe.objects.create(message=ecrire(foyer), nom="a.pdf", fichier="x.pdf")
    for adresse in [FIL, reverse("messagerie:piece", args=[jointe.pk])]:
        assert client.get(adresse).url.startswith(reverse("connexion"))


def test_une_autre_famille_ne_voit_ni_le_fil_ni_la_piece(client, foyer):
    jointe = PieceJointe.objects.create(message=ecrire(foyer, "Secret"), nom="a.pdf", fichier="x.pdf")
    client.force_login(fabriques.famille().compte)
    assert "Secret" not in client.get(FIL).content.decode()
    assert client.get(reverse("messagerie:piece", args=[jointe.pk])).status_code == 404


def test_un_agent_sans_la_messagerie_ne_voit_pas_la_piece(client, foyer):
    jointe = PieceJointe.objects.create(message=ecrire(foyer), nom="a.pdf", fichier="x.pdf")
    client.force_login(fabriques.agent("Agents"))
    assert client.get(reverse("messagerie:piece", args=[jointe.pk])).status_code == 404
    assert client.get(FIL).status_code == 404
