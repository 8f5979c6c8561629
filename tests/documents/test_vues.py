"""Mes documents, vus par la famille."""

import re

import pikepdf
import pytest
import time_machine
from django.core.files.base import ContentFile
from django.urls import reverse
from PIL import Image

from documents.models import Information, Lecture, Piece
from familles.models import Famille
from tests import fabriques as f
from tests.beaucoup import copies, memes_requetes, ouvrir
from tests.commune import fichiers

pytestmark = pytest.mark.django_db
LISTE = reverse("documents:liste")


@pytest.fixture
def foyer(client):
    """Un foyer connecté : Hugo, un document du foyer, un de l'enfant."""
    foyer = f.famille(statut=Famille.Statut.EN_CREATION)
    foyer.hugo = f.enfant(foyer)
    foyer.livret = f.type_piece(nom="Livret de famille", aide="Toutes les pages.")
    foyer.vaccins = f.type_piece(nom="Vaccins", portee="enfant")
    client.force_login(foyer.compte)
    return foyer


def adresse(type, enfant=None):
    return reverse("documents:envoyer", args=[type.pk, enfant.pk if enfant else 0])


def texte(reponse):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", reponse.content.decode())).replace("&#x27;", "'")


def test_la_liste_range_par_foyer_puis_par_enfant_et_dit_ce_qui_manque(client, foyer):
    reponse = client.get(LISTE)
    groupes = [(str(titre), n) for titre, _, n in reponse.context["groupes"]]
    assert groupes == [("Famille LA STAR", 1), ("Hugo LA STAR", 1)]
    page = texte(reponse)
    assert "Document(s) manquant(s) - Pas de nouvelle inscription possible" in page
    assert "Envoyer le document : Livret de famille" in page
    assert "Légende" in page


def test_une_photo_envoyee_se_range_et_se_reprend(client, foyer):
    reponse = client.post(adresse(foyer.livret), {"fichiers": fichiers.photo("livret.jpg")})
    assert reponse.url == f"{LISTE}#piece-{foyer.livret.pk}-0"
    piece = Piece.objects.get()
    assert (piece.nom, piece.etat, piece.envoyee_par) == ("livret.jpg", "envoyee", foyer.compte)
    page = client.get(LISTE)
    assert "Remplacer : Livret de famille" in texte(page)
    recu = client.get(reverse("documents:piece", args=[piece.pk]))
    assert recu["Content-Disposition"] == 'attachment; filename="livret.jpg"'
    assert b"".join(recu.streaming_content).startswith(b"\xff\xd8")


def test_les_deux_boutons_font_un_seul_document(client, foyer):
    envoi = {"fichiers": [fichiers.photo("recto.jpg"), fichiers.pdf(pages=2)]}
    client.post(adresse(foyer.vaccins, foyer.hugo), envoi)
    piece = Piece.objects.get()
    assert (piece.enfant, piece.nom, piece.pages) == (foyer.hugo, "recto.pdf", 3)


def test_une_page_s_ajoute_a_la_suite_de_ce_qui_est_deja_envoye(client, foyer):
    client.post(adresse(foyer.livret), {"fichiers": fichiers.photo("page1.jpg")})
    assert "Ajouter à la suite" in texte(client.get(adresse(foyer.livret)))
    client.post(adresse(foyer.livret), {"fichiers": fichiers.photo("page2.jpg"), "suite": "on"})
    piece = Piece.objects.a_verifier().get()
    assert (piece.nom, piece.pages) == ("page1.pdf", 2)
    with piece.fichier.open() as contenu, pikepdf.open(contenu) as pdf:
        assert len(pdf.pages) == 2
    client.post(adresse(foyer.livret), {"fichiers": fichiers.photo("seule.jpg")})
    assert Piece.objects.a_verifier().get().pages == 1


def test_une_grande_photo_est_reduite(client, foyer):
    client.post(adresse(foyer.livret), {"fichiers": fichiers.photo(taille=(5000, 4000))})
    with Piece.objects.get().fichier.open() as contenu:
        assert max(Image.open(contenu).size) == 2200


@pytest.mark.parametrize(
    ("fichier", "phrase"),
    [
        (lambda: fichiers.envoi(b"MZ" + b"\0" * 99, "photo.jpg"), "se dit une image mais son contenu est autre chose"),
        (lambda: fichiers.pdf(preparer=fichiers.javascript_a_l_ouverture), "contient un programme (JavaScript)"),
        (lambda: fichiers.pdf(encryption=pikepdf.Encryption(user="a", owner="b")), "protégé par un mot de passe"),
        (lambda: fichiers.envoi(b"", "rib.pdf"), "est vide"),
        (lambda: fichiers.envoi(b"x", "lettre.docx"), "ne sont pas acceptés"),
    ],
)
def test_un_envoi_refuse_dit_pourquoi_et_ne_garde_rien(client, foyer, fichier, phrase):
    reponse = client.post(adresse(foyer.livret), {"fichiers": fichier()})
    assert reponse.status_code == 200
    page = texte(reponse)
    assert page.count(phrase) == 2  # dans le résumé, et au champ
    assert 'href="#id_fichiers"' in reponse.content.decode()
    assert not Piece.objects.exists()


def test_sans_fichier_la_page_le_demande(client, foyer):
    assert "Choisissez une photo ou un PDF." in texte(client.post(adresse(foyer.livret), {}))


def test_ce_qui_est_valide_ne_se_renvoie_pas(client, foyer):
    f.piece(foyer.livret, foyer, etat="validee")
    assert client.get(adresse(foyer.livret)).url == LISTE
    assert "Livret de famille » : il n'est plus nécessaire" in texte(client.get(LISTE))


def test_un_refus_dit_son_motif_et_garde_l_historique(client, foyer):
    f.piece(foyer.livret, foyer, etat="refusee", motif="La photo est floue.", envoyee_le=f.a_paris(2026, 10, 1))
    f.piece(foyer.livret, foyer, etat="remplacee", envoyee_le=f.a_paris(2026, 9, 1), fichier="")
    page = texte(client.get(LISTE))
    assert "Pourquoi : La photo est floue." in page
    assert "Mes envois précédents" in page
    assert "Renvoyer : Livret de famille" in page


def test_le_document_de_l_autre_foyer_se_voit_valide_mais_ne_s_ouvre_pas(client, foyer):
    autre = f.famille()
    f.rattacher(foyer.hugo, autre)
    envoi = f.piece(foyer.vaccins, autre, foyer.hugo, etat="validee")
    page = client.get(LISTE)
    assert "Envoyé par l'autre foyer de Hugo." in texte(page)
    assert reverse("documents:piece", args=[envoi.pk]) not in page.content.decode()
    assert client.get(reverse("documents:piece", args=[envoi.pk])).status_code == 404


@pytest.mark.parametrize("methode", ["get", "post"])
def test_une_autre_famille_ne_trouve_rien(client, foyer, methode):
    envoi = f.piece(foyer.livret, foyer)
    autre = f.famille()
    client.force_login(autre.compte)
    assert client.get(reverse("documents:piece", args=[envoi.pk])).status_code == 404
    assert getattr(client, methode)(adresse(foyer.vaccins, foyer.hugo)).status_code == 404


def test_un_parent_parti_du_foyer_n_y_trouve_plus_rien(client, foyer):
    envoi = f.piece(foyer.livret, foyer)
    foyer.adultes.update(fin=f.RENTREE)
    assert client.get(reverse("documents:piece", args=[envoi.pk])).status_code == 404
    assert client.get(LISTE).status_code == 404


def test_sans_se_connecter_on_va_a_la_connexion(client, foyer):
    envoi = f.piece(foyer.livret, foyer)
    client.logout()
    for page in [LISTE, adresse(foyer.livret), reverse("documents:piece", args=[envoi.pk])]:
        assert client.get(page).url.startswith(reverse("connexion"))


def test_le_modele_a_remplir_se_telecharge(client, foyer):
    foyer.livret.modele.save("mandat.pdf", ContentFile(fichiers.document()))
    assert "Modèle à remplir" in texte(client.get(LISTE))
    reponse = client.get(reverse("documents:modele", args=[foyer.livret.pk]))
    assert reponse["Content-Disposition"] == 'attachment; filename="Livret de famille.pdf"'


def test_le_dossier_ne_part_que_complet(client, foyer, courriels):
    f.commune()
    assert client.get(reverse("documents:dossier")).status_code == 405
    reponse = client.post(reverse("documents:dossier"), follow=True)
    assert "Il manque : Livret de famille." in texte(reponse)
    assert Famille.objects.get(pk=foyer.pk).statut == "en_creation"
    f.piece(foyer.livret, foyer)
    f.piece(foyer.vaccins, foyer, foyer.hugo)
    assert "Tout y est." in texte(client.get(LISTE))
    assert client.post(reverse("documents:dossier")).url == reverse("accueil")
    assert Famille.objects.get(pk=foyer.pk).statut == "a_valider"
    assert "La mairie vérifie vos documents" in texte(client.get(LISTE))
    assert [m["To"] for m in courriels()] == [foyer.compte.email]


def test_un_dossier_rendu_montre_pourquoi(client, foyer):
    Famille.objects.filter(pk=foyer.pk).update(motif_retour="Il manque l'école de Lina.")
    assert "Il manque l'école de Lina." in texte(client.get(LISTE))


def test_sans_enfant_la_page_propose_d_en_ajouter(client):
    foyer = f.famille(statut=Famille.Statut.EN_CREATION)
    client.force_login(foyer.compte)
    assert "Ajouter un enfant" in texte(client.get(LISTE))


def test_la_liste_fait_toujours_le_meme_nombre_de_requetes(client, foyer):
    """Trente pièces du foyer et trente enfants : aucune famille n'en a tant."""

    def grandir():
        f.piece(f.type_piece(), foyer, etat="refusee", motif="Flou.")
        f.piece(f.type_piece(portee="enfant"), foyer, f.enfant(foyer, ecole=None))

    grandir()
    with memes_requetes(ouvrir(client, LISTE), au_plus=9):
        for _ in range(29):
            grandir()


# --- Documents - Informations -------------------------------------------------------------------------------------
def information(**champs):
    return Information.objects.create(**{"titre": "Menus", "texte": "De la semaine.", "publiee_le": f.RENTREE} | champs)


@pytest.fixture
def jour():
    with time_machine.travel(f.a_paris(2026, 11, 23, 9), tick=False):
        yield


def test_le_reglement_se_lit_sans_se_connecter_et_les_menus_non(client, jour):
    reglement = information(titre="Règlement intérieur et financier", publique=True)
    menus = information()
    information(titre="Demain", publique=True, publiee_le=f.a_paris(2026, 11, 24).date())
    information(titre="Hier", publique=True, jusqu_au=f.a_paris(2026, 11, 22).date())
    reponse = client.get(reverse("documents:informations"))
    assert list(reponse.context["informations"]) == [reglement]
    assert client.get(reverse("documents:information", args=[reglement.pk])).status_code == 200
    assert client.get(reverse("documents:information", args=[menus.pk])).status_code == 404
    assert client.get(reverse("documents:information_fichier", args=[menus.pk])).status_code == 404
    client.force_login(f.famille().compte)
    assert len(client.get(reverse("documents:informations")).context["informations"]) == 2


def test_ouvrir_une_information_la_marque_lue_une_fois(client, jour):
    menus, compte = information(), f.famille().compte
    client.force_login(compte)
    assert "Non lu" in texte(client.get(reverse("documents:informations")))
    for _ in range(2):
        client.get(reverse("documents:information", args=[menus.pk]))
    assert Lecture.objects.filter(information=menus, compte=compte).count() == 1
    assert "Non lu" not in texte(client.get(reverse("documents:informations")))
    assert not Information.objects.non_lues(compte, f.a_paris(2026, 11, 23).date()).exists()


def test_telecharger_une_information_c_est_aussi_la_lire(client, jour):
    menus = information()
    menus.fichier.save("x.pdf", ContentFile(fichiers.document()))
    client.force_login(f.famille().compte)
    reponse = client.get(reverse("documents:information_fichier", args=[menus.pk]))
    assert reponse["Content-Disposition"] == 'attachment; filename="Menus.pdf"'
    assert Lecture.objects.count() == 1


def test_les_informations_se_listent_en_un_nombre_fixe_de_requetes(client, jour):
    une = information(titre="Information", publique=True)
    client.force_login(f.famille().compte)
    with memes_requetes(ouvrir(client, reverse("documents:informations")), au_plus=7):
        copies(une, titre=lambda n: f"Information {n}")
