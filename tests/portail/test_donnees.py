"""« Mes données » : voir, emporter, demander, retirer."""

import datetime as dt
import io
import json
import zipfile
from decimal import Decimal

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from commune.fichiers import Propre
from documents.models import Piece, TypePiece
from familles.models import Adulte, Autorisation, Enfant, FicheSanitaire, PersonneAutorisee, Quotient, Rattachement
from messagerie.models import Message, PieceJointe
from portail import actions
from portail.models import Consentement
from presences.models import Pointage
from reservations.actions import joindre_certificat
from reservations.models import Excuse, Mouvement
from tests import fabriques
from tests.beaucoup import copies, memes_requetes, ouvrir

from .outils import texte

pytestmark = pytest.mark.django_db
SECRET_DU_PERE = "ce que seul le second foyer sait"


@pytest.fixture
def texte_publie():
    fabriques.commune()
    actions.installer_textes()
    return actions.texte_en_vigueur(timezone.now())


@pytest.fixture
def foyer(client, texte_publie):
    """Céline, connectée, qui a consenti."""
    foyer = fabriques.famille(avec_compte=fabriques.compte(email="celine@demo.fr"))
    actions.accepter(foyer.compte, texte_publie, timezone.now(), "192.0.2.1")
    client.force_login(foyer.compte)
    return foyer


@pytest.fixture
def hugo(foyer):
    hugo = fabriques.enfant(foyer)
    FicheSanitaire.objects.create(enfant=hugo, allergies="arachides", medecin="Dr Petit")
    return hugo


@pytest.fixture
def pere(hugo):
    """Le second foyer de Hugo, avec sa part de tout."""
    pere = fabriques.famille(
        nom="DUPRE", adresse=f"rue {SECRET_DU_PERE}", avec_compte=fabriques.compte(email="pere@demo.fr")
    )
    Rattachement.objects.create(enfant=hugo, famille=pere, foyer=2)
    remplir(pere, hugo, SECRET_DU_PERE, fabriques.a_paris(2026, 9, 8))
    return pere


def remplir(foyer, enfant, mot, jour):
    """De tout un peu pour un foyer, chaque texte contenant ``mot``."""
    maintenant = timezone.now()
    type_piece, _ = TypePiece.objects.get_or_create(nom="Livret de famille", defaults={"portee": "famille"})
    Piece.objects.create(
        type=type_piece,
        famille=foyer,
        nom=f"{mot}.pdf",
        envoyee_le=maintenant,
        fichier=ContentFile(f"%PDF {mot}".encode(), "livret.pdf"),
    )
    message = Message.objects.create(famille=foyer, auteur=foyer.compte, texte=mot, envoye_le=maintenant)
    PieceJointe.objects.create(message=message, nom=f"../{mot}.jpg", fichier=ContentFile(mot.encode(), "photo.jpg"))
    seance = fabriques.seance(fabriques.activite(nom=mot[:40]), jour.date())
    reservation = fabriques.reservation(enfant, seance, famille=foyer)
    Mouvement.objects.create(
        reservation=reservation, apres="reservee", origine="parent", compte=foyer.compte, instant=maintenant, motif=mot
    )
    Excuse.objects.create(reservation=reservation, texte=mot, envoyee_le=maintenant)
    Pointage.objects.create(enfant=enfant, seance=seance, etat="present", recu_le=maintenant)
    adulte = Adulte.objects.create(famille=foyer, civilite="mme", nom="MAMIE", prenom=mot)
    PersonneAutorisee.objects.create(enfant=enfant, adulte=adulte, recupere=True)
    Autorisation.objects.create(enfant=enfant, genre="photo", accordee=True, donnee_le=maintenant, compte=foyer.compte)
    Quotient.objects.create(famille=foyer, valeur=612, debut=dt.date(2026, 9, 1), preuve=mot)


def telecharger(client):
    reponse = client.post("/mes-donnees/telecharger/")
    assert reponse["Content-Type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(b"".join(reponse.streaming_content))), reponse


# --- La page ------------------------------------------------------------------------------------------------------
def test_la_page_dit_ce_qui_est_garde(client, foyer, hugo):
    page = client.get("/mes-donnees/").content.decode()
    for mot in [
        "celine@demo.fr",
        "1 rue des Écoles",
        "Hugo",
        "1 fiche sanitaire, chiffrée",
        "Accepté le",
        "version 2026-1",
        "192.0.2.1",
        "Télécharger mes données",
        "Retirer mon consentement",
    ]:
        assert mot in page
    assert "arachides" not in page


def test_la_page_ne_coute_pas_plus_pour_trente_enfants(client, foyer, hugo):
    """Trente et non trois cents : aucun foyer n'a autant d'enfants."""
    with memes_requetes(ouvrir(client, "/mes-donnees/"), au_plus=7):
        for n in range(30):
            FicheSanitaire.objects.create(enfant=fabriques.enfant(foyer, prenom=f"Enfant {n}", ecole=hugo.ecole))


# --- Emporter -----------------------------------------------------------------------------------------------------
def test_l_archive_contient_tout_du_foyer(client, foyer, hugo):
    remplir(foyer, hugo, "ma vie", fabriques.a_paris(2026, 9, 7))
    Enfant.objects.update(division="B")
    archive, reponse = telecharger(client)
    assert reponse["Content-Disposition"].startswith('attachment; filename="donnees-la-star-20')
    donnees = json.loads(archive.read("donnees.json"))
    assert donnees["compte"]["email"] == "celine@demo.fr"
    assert donnees["compte"]["consentements"][0]["reponse"] == "accepte"
    assert donnees["foyer"]["quotients"][0]["valeur"] == 612
    assert [a["nom"] for a in donnees["adultes"]] == ["LA STAR", "MAMIE"]
    [enfant] = donnees["enfants"]
    assert enfant["fiche sanitaire"]["allergies"] == "arachides"
    assert (enfant["classe"], enfant["groupe"]) == ("cm1", "B")
    assert enfant["personnes"][0]["recupere"] is True
    assert enfant["autorisations"][0]["genre"] == "photo"
    for rubrique in ["documents", "messages", "reservations", "journal des réservations", "excuses", "présences"]:
        assert len(donnees[rubrique]) == 1, rubrique
    assert "arachides" in archive.read("donnees.json").decode()
    lisez_moi = archive.read("LISEZ-MOI.txt").decode()
    assert "Famille LA STAR" in lisez_moi
    noms = archive.namelist()
    [piece] = [n for n in noms if n.startswith("fichiers/documents/")]
    assert archive.read(piece) == b"%PDF ma vie"
    [jointe] = [n for n in noms if n.startswith("fichiers/messages/")]
    assert ".." not in jointe
    assert jointe.endswith(".jpg")
    assert sorted(donnees["fichiers"]) == sorted([piece, jointe])


def test_l_archive_dit_quand_le_certificat_est_arrive_et_l_emporte(client, foyer, hugo):
    remplir(foyer, hugo, "ma vie", fabriques.a_paris(2026, 9, 7))
    soir, mot = fabriques.a_paris(2026, 9, 7, 18), ContentFile(b"%PDF certificat")
    joindre_certificat(Excuse.objects.get(), Propre(mot, "certificat.pdf", 1, "application/pdf"), soir)
    archive, _ = telecharger(client)
    [excuse] = json.loads(archive.read("donnees.json"))["excuses"]
    assert dt.datetime.fromisoformat(excuse["certifie_le"]) == soir
    [fichier] = [n for n in archive.namelist() if n.startswith("fichiers/excuses/")]
    assert archive.read(fichier) == b"%PDF certificat"


def test_l_archive_ne_contient_rien_de_l_autre_foyer(client, foyer, hugo, pere):
    remplir(foyer, hugo, "ma vie", fabriques.a_paris(2026, 9, 7))
    archive, _ = telecharger(client)
    for nom in archive.namelist():
        contenu = archive.read(nom).decode()
        assert SECRET_DU_PERE not in contenu + nom
        for mot in ["DUPRE", "pere@demo.fr", "2026-09-08"]:
            assert mot not in contenu
    donnees = json.loads(archive.read("donnees.json"))
    assert len(donnees["enfants"]) == len(donnees["présences"]) == len(donnees["reservations"]) == 1
    assert len(donnees["enfants"][0]["autorisations"]) == 1


def test_un_enfant_parti_ne_livre_plus_sa_sante(client, foyer, hugo):
    hugo.rattachements.update(fin=dt.date(2026, 9, 1))
    archive, _ = telecharger(client)
    assert "arachides" not in archive.read("donnees.json").decode()


def test_les_factures_y_sont_avec_leurs_lignes(client, foyer, hugo):
    from facturation.models import Reglement

    Reglement.objects.create(
        famille=foyer, moyen="cheque", montant=Decimal("12.50"), recu_le=dt.date(2026, 10, 1), saisi_le=timezone.now()
    )
    donnees = json.loads(telecharger(client)[0].read("donnees.json"))
    assert donnees["règlements"][0]["montant"] == "12.50"
    for rubrique in ["factures", "lignes de facture", "avoirs", "mandats", "paiements en ligne", "remboursements"]:
        assert donnees[rubrique] == []


def test_un_fichier_disparu_est_nomme_sans_tout_arreter(client, foyer, hugo):
    remplir(foyer, hugo, "ma vie", fabriques.a_paris(2026, 9, 7))
    piece = Piece.objects.get()
    piece.fichier.storage.delete(piece.fichier.name)
    archive, _ = telecharger(client)
    assert f"- fichiers/documents/{piece.pk}-ma_vie.pdf" in archive.read("LISEZ-MOI.txt").decode()


def test_l_archive_ne_coute_pas_plus_pour_trois_cents_messages(client, foyer, hugo):
    message = Message.objects.create(famille=foyer, auteur=foyer.compte, texte="un", envoye_le=timezone.now())
    with memes_requetes(lambda: telecharger(client), au_plus=55):
        copies(message)


def test_telecharger_demande_un_bouton(client, foyer):
    assert client.get("/mes-donnees/telecharger/").status_code == 405


def test_six_archives_par_heure(client, foyer):
    for _ in range(6):
        telecharger(client)
    reponse = client.post("/mes-donnees/telecharger/", follow=True)
    assert "Vous avez déjà téléchargé vos données plusieurs fois. Réessayez après" in reponse.content.decode()


def test_un_compte_sans_famille_n_a_rien_a_emporter(client):
    client.force_login(fabriques.agent())
    assert client.get("/mes-donnees/").status_code == 200
    assert client.post("/mes-donnees/telecharger/").status_code == 404
    assert client.get("/mes-donnees/demander/").status_code == 404


# --- Demander -----------------------------------------------------------------------------------------------------
def test_une_demande_devient_un_message_a_la_mairie_une_seule_fois(client, foyer):
    jeton = client.get("/mes-donnees/demander/").context["form"]["jeton"].value()
    champs = {"objet": "effacement", "precisions": "La photo de Hugo.", "jeton": str(jeton)}
    for _ in range(2):
        assert client.post("/mes-donnees/demander/", champs).url == "/mes-donnees/"
    message = Message.objects.get()
    assert (message.famille, message.auteur, message.de_la_mairie) == (foyer, foyer.compte, False)
    assert message.texte == "Demande d'effacement (RGPD, art. 17)\n\nLa photo de Hugo."


def test_une_demande_vide_est_refusee(client, foyer):
    reponse = client.post("/mes-donnees/demander/", {"jeton": "x"})
    assert {"objet", "precisions"} <= set(reponse.context["form"].errors)
    assert not Message.objects.exists()


# --- Retirer ------------------------------------------------------------------------------------------------------
def test_ce_qui_va_suivre_est_dit_avant(client, foyer, hugo):
    page = client.get("/mes-donnees/retirer/").content.decode()
    for mot in [
        "Les fiches sanitaires sont effacées",
        "(Hugo)",
        "Les réservations déjà faites restent",
        "Votre Espace Famille se ferme",
        "Ne rien changer",
    ]:
        assert mot in page
    assert FicheSanitaire.objects.exists()


def vaccins(foyer, enfant, etat="validee"):
    sante, _ = TypePiece.objects.get_or_create(nom="Vaccinations", defaults={"portee": "enfant", "sante": True})
    return fabriques.piece(sante, foyer, enfant, etat=etat)


def ce_que_dit_la_page(client):
    page = " ".join(client.get("/mes-donnees/retirer/").content.decode().split())
    assert "Les documents de santé que vous avez envoyés sont effacés</b>, fichiers compris : Vaccinations." in page
    assert "reste, si la mairie l'a validé et si cet autre foyer a donné son accord" in page
    assert "Vos autres documents restent." in page


def retirer(client, capture):
    with capture(execute=True):
        client.post("/mes-donnees/retirer/", {"compris": "on"})


def test_la_page_et_la_base_disent_la_meme_chose_des_documents_d_un_seul_foyer(
    client, foyer, hugo, django_capture_on_commit_callbacks
):
    piece, livret = vaccins(foyer, hugo), fabriques.piece(fabriques.type_piece(nom="Livret de famille"), foyer)
    ce_que_dit_la_page(client)
    retirer(client, django_capture_on_commit_callbacks)
    assert list(Piece.objects.all()) == [livret]
    assert not piece.fichier.storage.exists(piece.fichier.name)


@pytest.mark.parametrize(
    ("cas", "consent", "etat", "reste"),
    [
        ("l'autre foyer a donné son accord", True, "validee", True),
        ("il ne l'a pas donné", False, "validee", False),
        ("la mairie ne l'a pas encore validé", True, "envoyee", False),
    ],
)
def test_la_page_et_la_base_disent_la_meme_chose_des_documents_d_un_enfant_de_deux_foyers(
    client, foyer, hugo, pere, texte_publie, django_capture_on_commit_callbacks, cas, consent, etat, reste
):
    if consent:
        actions.accepter(pere.compte, texte_publie, timezone.now())
    piece, sienne = vaccins(foyer, hugo, etat), vaccins(pere, hugo)
    ce_que_dit_la_page(client)
    retirer(client, django_capture_on_commit_callbacks)
    assert Piece.objects.filter(pk=piece.pk).exists() == reste, cas
    assert piece.fichier.storage.exists(piece.fichier.name) == reste, cas
    assert Piece.objects.filter(pk=sienne.pk).exists(), "la pièce de l'autre foyer est à lui"


def test_sans_la_case_rien_ne_se_passe(client, foyer, hugo):
    reponse = client.post("/mes-donnees/retirer/", {})
    assert reponse.context["form"].errors["compris"] == [
        "Cochez la case pour confirmer que vous avez compris ce qui suit."
    ]
    assert FicheSanitaire.objects.exists()


def test_retirer_efface_la_sante_ferme_l_espace_et_laisse_les_droits(client, foyer, hugo, courriels):
    assert client.post("/mes-donnees/retirer/", {"compris": "on"}).url == "/mes-donnees/"
    assert not FicheSanitaire.objects.exists()
    assert [c.reponse for c in Consentement.objects.all()] == ["retire", "accepte"]
    assert client.get("/email/changer/").url == "/consentement/?next=/email/changer/"
    for page in ["/mes-donnees/", "/mes-donnees/demander/"]:
        assert client.get(page).status_code == 200
    archive, _ = telecharger(client)
    assert "arachides" not in archive.read("donnees.json").decode()
    assert "Vous avez retiré votre consentement le" in client.get("/consentement/").content.decode()
    recus = {c["To"]: c for c in courriels()}
    assert set(recus) == {"celine@demo.fr", "periscolaire@migne-auxances.fr"}
    assert "Hugo" not in texte(recus["periscolaire@migne-auxances.fr"])


def test_retirer_puis_accepter_de_nouveau(client, foyer, texte_publie):
    client.post("/mes-donnees/retirer/", {"compris": "on"})
    assert client.get("/mes-donnees/retirer/").url == "/mes-donnees/"
    client.post("/consentement/", {"texte": texte_publie.pk})
    assert client.get("/email/changer/").status_code == 200
    assert [c.reponse for c in Consentement.objects.all()] == ["accepte", "retire", "accepte"]


def test_la_fiche_que_l_autre_foyer_consent_a_garder_reste(client, foyer, hugo, pere, texte_publie):
    actions.accepter(pere.compte, texte_publie, timezone.now())
    client.post("/mes-donnees/retirer/", {"compris": "on"})
    assert FicheSanitaire.objects.get().allergies == "arachides"


def test_la_fiche_d_un_enfant_partage_s_efface_si_l_autre_foyer_ne_consent_pas(client, foyer, hugo, pere):
    client.post("/mes-donnees/retirer/", {"compris": "on"})
    assert not FicheSanitaire.objects.exists()
