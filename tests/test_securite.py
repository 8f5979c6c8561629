"""Ce qu'essaierait quelqu'un de malveillant, et qui ne doit pas marcher."""

import csv
import datetime as dt
import io
import zlib

import pytest
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from commune.fichiers import nettoyer
from portail import actions
from reservations.actions import enregistrer
from reservations.models import Seance
from tests import fabriques
from tests.portail.outils import lien

pytestmark = pytest.mark.django_db


# --- Le compte volé ---------------------------------------------------------------------------------------------------
@pytest.fixture
def celine(client):
    compte = fabriques.famille(avec_compte=fabriques.compte(email="celine@demo.fr")).compte
    client.force_login(compte)
    return compte


def changer_d_adresse(client, courriels, email, de):
    """Demande le changement ; rend le lien qui le confirme et celui qui l'annule."""
    client.post("/email/changer/", {"email": email, "mot_de_passe": "portail-famille"})
    recus = {courriel["To"]: courriel for courriel in courriels()}
    return lien(recus[email]), lien(recus[de])


def test_deux_changements_d_adresse_enchaines_ne_gardent_pas_un_compte_vole(client, celine, courriels):
    confirmer, annuler = changer_d_adresse(client, courriels, "voleur@mal.fr", de="celine@demo.fr")
    client.post(confirmer)
    confirmer, retour_du_voleur = changer_d_adresse(client, courriels, "voleur2@mal.fr", de="voleur@mal.fr")
    client.post(confirmer)
    assert Client().post(annuler).status_code == 200
    celine.refresh_from_db()
    assert celine.email == "celine@demo.fr"
    assert not celine.check_password("portail-famille")
    assert Client().post(retour_du_voleur).status_code == 410
    celine.refresh_from_db()
    assert celine.email == "celine@demo.fr"


def test_changer_de_mot_de_passe_fait_tomber_un_changement_d_adresse_en_attente(client, celine, courriels):
    confirmer, _ = changer_d_adresse(client, courriels, "voleur@mal.fr", de="celine@demo.fr")
    actions.changer_mot_de_passe(celine, "quatre mots sans rapport")
    assert Client().post(confirmer).status_code == 410
    celine.refresh_from_db()
    assert celine.email == "celine@demo.fr"


# --- Peu d'effort, beaucoup de travail --------------------------------------------------------------------------------
def flux(entete, octets):
    return b"<< %s /Length %d >>\nstream\n" % (entete, len(octets)) + octets + b"\nendstream"


def pdf_gonfle():
    """Un PDF de 0,4 Mo dont la table des objets en fait 400 une fois décompressée."""
    presse = zlib.compressobj(9)
    table = b"".join(presse.compress(bytes(1 << 20)) for _ in range(400)) + presse.flush()
    sortie = io.BytesIO()
    sortie.write(b"%PDF-1.5\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n")
    sortie.write(b"2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n")
    debut = sortie.tell()
    entete = b"/Type /XRef /Size 3 /W [1 4 2] /Root 1 0 R /Filter /FlateDecode"
    sortie.write(b"3 0 obj\n" + flux(entete, table) + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % debut)
    return sortie.getvalue()


def pdf_aux_pages_repetees():
    """Un PDF de 2 Mo dont la seule page est nommée trois cent mille fois."""
    objets = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 300000 /Kids [" + b"3 0 R " * 300_000 + b"] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>",
    ]
    corps, table = b"%PDF-1.4\n", b"xref\n0 4\n0000000000 65535 f \n"
    for numero, objet in enumerate(objets, 1):
        table += b"%010d 00000 n \n" % len(corps)
        corps += b"%d 0 obj\n" % numero + objet + b"\nendobj\n"
    return corps + table + b"trailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(corps)


@pytest.mark.parametrize("octets", [pdf_gonfle, pdf_aux_pages_repetees])
def test_un_pdf_bombe_n_emporte_pas_la_memoire_du_portail(octets):
    with pytest.raises(ValidationError) as refus:
        nettoyer(SimpleUploadedFile("attestation.pdf", octets()))
    assert refus.value.code == "bombe"


@pytest.mark.parametrize(
    "page", [{"vu": " ".join(map(str, range(300_000)))}, {"case": [f"1-{n}" for n in range(9_000)]}]
)
def test_un_planning_aux_cases_innombrables_est_refuse_sans_rien_lire(client, page, django_assert_max_num_queries):
    foyer = fabriques.famille()
    petit = fabriques.enfant(foyer)
    client.force_login(foyer.compte)
    with django_assert_max_num_queries(12):
        reponse = client.post(f"/reservations/enfants/{petit.pk}/", page)
    assert "abîmée" in reponse.content.decode()


def test_un_inconnu_ne_remplit_pas_la_base_avec_un_brouillon_de_compte(client):
    client.post("/compte/creer/", {"nom": "".join(map(str, range(50_000)))})
    assert len(Session.objects.get().session_data) < 5_000


# --- L'autre foyer ----------------------------------------------------------------------------------------------------
def test_le_journal_d_un_foyer_ne_dit_rien_de_l_autre(client):
    celine = fabriques.famille(avec_compte=fabriques.compte(prenom="Celine"))
    marc = fabriques.famille(nom="DURAND", avec_compte=fabriques.compte(prenom="Marc"))
    hugo = fabriques.enfant(celine)
    fabriques.rattacher(hugo, marc)
    activite = fabriques.activite(site=hugo.ecole)
    for foyer in (celine, marc):
        fabriques.inscription(hugo, activite, famille=foyer)
    bientot = timezone.now() + dt.timedelta(days=3)
    Seance.objects.create(
        activite=activite, jour=fabriques.annee().debut, limite_reservation=bientot, limite_annulation=bientot
    )
    case = (hugo.pk, Seance.objects.get().pk)
    for foyer, reserver in ((celine, True), (celine, False), (marc, True)):
        assert not enregistrer(foyer, foyer.compte, {case: reserver}, timezone.now(), "parent").refus
    client.force_login(marc.compte)
    journal = client.get(f"/reservations/enfants/{hugo.pk}/journal/").content.decode()
    assert journal.count("par vous") == journal.count("Reçu ") == 1
    assert "Celine" not in journal


# --- Le tableur -------------------------------------------------------------------------------------------------------
def test_un_nom_qui_est_une_formule_reste_un_texte_dans_le_tableur(client):
    for nom in ("=1+1", "@SUM(1)", "+CMD|'/C CALC'!A0", "-1+1"):
        fabriques.famille(nom=nom)
    client.force_login(fabriques.agent("Périscolaire"))
    champs = {"format": "0", "resource": "0", "familleresource_id": "on", "familleresource_nom": "on"}
    fichier = client.post("/admin/familles/famille/export/", champs).content.decode("utf-8-sig")
    noms = {ligne[1] for ligne in list(csv.reader(io.StringIO(fichier), delimiter=";"))[1:]}
    assert noms == {"'=1+1", "'@SUM(1)", "'+CMD|'/C CALC'!A0", "'-1+1"}
