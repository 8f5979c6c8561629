"""Les factures d'un mois en un seul fichier à imprimer : dans l'ordre, repris s'il fut tué."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pikepdf
import pytest
from django.contrib.admin.models import LogEntry
from django.core.exceptions import ValidationError
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from playwright.sync_api import expect

from facturation import actions
from facturation.actions import impressions
from facturation.models import Facturation, Facture, Impression
from facturation.pdf import obtenir
from familles.models import Famille
from portail import taches
from tests import fabriques as f
from tests.conftest import travailler

from .test_navigateur import ouvrir, sans_faute

MAINTENANT = f.a_paris(2026, 11, 3)
SEMAINE = impressions.GARDE


@pytest.fixture
def mois_neuf(db):
    """Cinq factures d'un mois émis, deux d'entre elles à des foyers sans compte. Aucun PDF n'est fait."""
    f.commune()
    factures = [f.facture(f.famille(False, nom=f"FOYER {lettre}"), total="28.50") for lettre in "AB"]
    factures += [f.facture(f.famille(nom=f"FOYER {lettre}"), total="31.00") for lettre in "CDE"]
    facturation = factures[0].facturation
    Facturation.objects.update(terminee_le=MAINTENANT, faites=5)
    return SimpleNamespace(facturation=facturation, factures=factures)


@pytest.fixture
def mois(mois_neuf):
    """Le même, dont chaque facture fut déjà lue : ses PDF sont gardés."""
    for facture in mois_neuf.factures:
        obtenir(facture)
    return mois_neuf


def demander(mois, toutes=True, recto_verso=False):
    return actions.demander_impression(mois.facturation, toutes, recto_verso, MAINTENANT)


def faire(impression, **options):
    actions.imprimer(impression.pk, MAINTENANT, **options)
    impression.refresh_from_db()
    return impression


def pages(impression):
    """Le texte de chaque page, lu par pdftotext comme le ferait un autre logiciel que le nôtre."""
    with impression.fichier.open() as fichier:
        lu = subprocess.run(["pdftotext", "-", "-"], input=fichier.read(), capture_output=True, check=True)
    return lu.stdout.decode().split("\f")[:-1]


def references(impression):
    """Les numéros de facture dans l'ordre des pages ; une page blanche n'en a pas."""
    return [(re.findall(r"Facture (\d{4}-\d{6})", page) or [""])[-1] for page in pages(impression)]


# --- Le fichier ---------------------------------------------------------------------------------------------------
def test_toutes_les_factures_se_suivent_dans_l_ordre_de_leur_numero(mois_neuf):
    mois = mois_neuf
    obtenir(mois.factures[2])
    impression = faire(demander(mois), tranche=2)  # trois morceaux, puis le tout
    assert references(impression) == [facture.reference for facture in mois.factures]
    assert (impression.faites, impression.pages, impression.part) == (5, 5, 100)
    assert impression.terminee_le == MAINTENANT
    assert "FOYER E" in pages(impression)[-1] or "31,00" in pages(impression)[-1]
    gardes = dict(Facture.objects.values_list("pk", "pdf"))
    assert all(gardes.values()), "chaque PDF est gardé, comme à la lecture"
    assert gardes[mois.factures[2].pk] == mois.factures[2].pdf.name, "celui qui l'était n'est pas refait"


def test_par_defaut_celles_des_foyers_sans_compte(mois):
    impression = faire(demander(mois, toutes=False))
    assert references(impression) == [facture.reference for facture in mois.factures[:2]]


def test_en_recto_verso_chaque_facture_commence_sur_une_feuille_neuve(mois):
    impression = faire(demander(mois, recto_verso=True), tranche=2)
    a, b, c, d, e = (facture.reference for facture in mois.factures)
    assert references(impression) == [a, "", b, "", c, "", d, "", e, ""]
    with impression.fichier.open() as fichier, pikepdf.open(fichier) as lu:
        assert len({tuple(page.mediabox) for page in lu.pages}) == 1, "la page blanche a la taille des autres"


# --- Interrompue, refusée -----------------------------------------------------------------------------------------
IMPRIMER = """
import os, sys
import django
if __name__ == "__main__":
    django.setup()
    from django.core.files.storage import default_storage
    from django.utils import timezone
    from facturation import actions
    default_storage._location = sys.argv[2]
    actions.imprimer(int(sys.argv[1]), timezone.now(), tranche=1)
"""


@pytest.mark.django_db(transaction=True)
def test_tuee_elle_reprend_sans_refaire_ce_qui_est_garde(mois_neuf, tmp_path):
    """Un vrai kill -9, après la première facture et avant la dernière."""
    mois, impression = mois_neuf, demander(mois_neuf)
    (tmp_path / "imprimer.py").write_text(IMPRIMER)
    reglages = connection.settings_dict
    base = f"postgresql://postgres@/{reglages['NAME']}?host={reglages['HOST'] or reglages['OPTIONS'].get('host', '')}"
    ouvrier = subprocess.Popen(
        [sys.executable, tmp_path / "imprimer.py", str(impression.pk), default_storage.location],
        env=os.environ | {"PYTHONPATH": os.getcwd(), "DATABASE_URL": base},
    )  # fmt: skip
    limite = time.monotonic() + 60
    while not (gardes := Facture.objects.exclude(pdf="")) and time.monotonic() < limite:
        time.sleep(0.005)
    ouvrier.send_signal(signal.SIGKILL)
    assert ouvrier.wait() == -signal.SIGKILL
    impression.refresh_from_db()
    assert (impression.terminee_le, impression.fichier) == (None, ""), "rien d'inachevé n'est offert"
    avant = dict(gardes.all().values_list("pk", "pdf"))
    assert 0 < len(avant) < 5

    assert demander(mois) == impression, "redemandée, c'est la même qui reprend"
    travailler()
    impression.refresh_from_db()
    assert references(impression) == [facture.reference for facture in mois.factures]
    assert dict(Facture.objects.filter(pk__in=avant).values_list("pk", "pdf")) == avant


def test_une_seconde_tache_ne_fait_plus_rien(mois):
    impression = faire(demander(mois, toutes=False))
    nom = impression.fichier.name
    assert faire(impression).fichier.name == nom


@pytest.mark.django_db(transaction=True)
def test_une_autre_remplace_la_precedente_et_son_fichier(mois):
    premiere = faire(demander(mois, toutes=False))
    nom = premiere.fichier.name
    demander(mois)
    assert not default_storage.exists(nom)
    travailler()
    derniere = Impression.objects.get()
    assert (derniere.faites, derniere.incident) == (5, "")
    assert default_storage.exists(derniere.fichier.name)


@pytest.mark.django_db(transaction=True)
def test_la_nuit_efface_les_fichiers_d_une_semaine(mois, time_machine):
    impression = faire(demander(mois, toutes=False))
    for jour, reste in [(MAINTENANT + SEMAINE, 1), (MAINTENANT + SEMAINE * 1.01, 0)]:
        time_machine.move_to(jour, tick=False)
        taches.menage.func(timestamp=0)
        assert Impression.objects.count() == reste
        assert default_storage.exists(impression.fichier.name) == bool(reste)


def test_un_mois_en_train_d_etre_emis_sans_facture_ou_trop_gros_se_refuse(mois, monkeypatch):
    Facturation.objects.update(terminee_le=None)
    with pytest.raises(ValidationError) as refus:
        demander(mois)
    assert refus.value.code == "emission"
    Facturation.objects.update(terminee_le=MAINTENANT)
    avec_compte = f.facture(f.famille(), mois=f.RENTREE.replace(month=10)).facturation
    Facturation.objects.update(terminee_le=MAINTENANT)
    with pytest.raises(ValidationError) as refus:
        actions.demander_impression(avec_compte, False, True, MAINTENANT)
    assert refus.value.code == "rien"
    monkeypatch.setattr(impressions, "PLAFOND", 4)
    with pytest.raises(ValidationError) as refus:
        demander(mois)
    assert refus.value.code == "trop"
    assert not Impression.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_un_disque_plein_se_dit_et_n_offre_rien(mois, disque_plein, monkeypatch):
    """Les PDF sont gardés ; c'est le fichier entier, cinq fois plus gros, qui ne tient plus."""
    monkeypatch.setattr(Impression._meta.get_field("fichier"), "storage", FileSystemStorage(location=disque_plein))
    impression = demander(mois)
    travailler()
    impression.refresh_from_db()
    assert "disque de la mairie est plein" in impression.incident
    assert (impression.terminee_le, impression.fichier) == (None, "")
    assert [p.name for p in disque_plein.rglob("*") if p.is_file()] == ["autre"]


@pytest.fixture
def disque_plein(tmp_path):
    """Un vrai disque d'un mégaoctet, plein à quelques octets près."""
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "essai", tmp_path]).returncode:
        pytest.skip("monter un disque demande root")
    (tmp_path / "autre").write_bytes(b"x" * 1_020_000)
    yield tmp_path
    subprocess.run(["umount", tmp_path], check=True)


@pytest.mark.django_db(transaction=True)
def test_une_facture_qui_ne_se_met_pas_en_page_arrete_tout_et_se_dit(mois_neuf, monkeypatch, caplog, tmp_path):
    casse = tmp_path / "casse.typ"
    casse.write_text("#panic()")
    monkeypatch.setattr("commune.pdf.RACINE", tmp_path)
    monkeypatch.setattr("facturation.pdf.GABARIT", "casse.typ")
    monkeypatch.setattr("commune.pdf._ici", threading.local())
    impression = demander(mois_neuf)
    travailler()
    impression.refresh_from_db()
    assert "n'a pas pu être mise en page" in impression.incident
    assert not impression.court
    assert mois_neuf.factures[0].reference in caplog.text


@pytest.mark.django_db(transaction=True)
def test_un_pdf_perdu_se_dit_par_son_numero(mois):
    default_storage.delete(mois.factures[0].pdf.name)
    impression = demander(mois)
    travailler()
    impression.refresh_from_db()
    assert mois.factures[0].reference in impression.incident
    assert not impression.court


# --- La page ------------------------------------------------------------------------------------------------------
def suivi(mois):
    return reverse("admin:facturation_facturation_change", args=[mois.facturation.pk])


def adresse(mois, nom):
    return reverse(f"admin:facturation_facturation_{nom}", args=[mois.facturation.pk])


@pytest.fixture
def regie(client, mois):
    client.force_login(f.agent("Régie"))
    return client


@pytest.mark.django_db(transaction=True)
def test_la_regie_demande_suit_et_prend_le_fichier_et_le_journal_le_dit(regie, mois):
    page = regie.get(suivi(mois)).content.decode()
    assert "Imprimer les factures en un seul fichier" in page
    assert "refresh" not in page
    assert regie.post(adresse(mois, "imprimer"), {"toutes": "", "recto_verso": "on"}).url == suivi(mois)
    page = regie.get(suivi(mois)).content.decode()
    assert "0 facture réunie sur 2." in page
    assert 'http-equiv="refresh"' in page

    travailler()
    page = regie.get(suivi(mois)).content.decode()
    assert "2 factures, 4 pages" in page
    assert "refresh" not in page
    reponse = regie.get(adresse(mois, "imprimees"))
    assert b"".join(reponse).startswith(b"%PDF-")
    assert reponse["Content-Disposition"] == 'attachment; filename="factures-2026-09.pdf"'
    dits = list(LogEntry.objects.order_by("pk").values_list("change_message", flat=True))
    assert dits == ["Fichier de 2 factures à imprimer demandé.", "Fichier de 2 factures à imprimer pris."]


def test_un_refus_se_lit_sur_la_page(regie, mois):
    impression = demander(mois)
    Impression.objects.filter(pk=impression.pk).update(incident="Le disque de la mairie est plein.")
    page = regie.get(suivi(mois)).content.decode()
    assert "Le disque de la mairie est plein." in page
    assert "Imprimer les factures en un seul fichier" in page
    assert "refresh" not in page


def test_un_fichier_efface_ramene_a_la_page(regie, mois):
    reponse = regie.get(adresse(mois, "imprimees"), follow=True)
    assert "demandez-le à nouveau" in reponse.content.decode()


@pytest.mark.parametrize("groupe", ["Agents", "Périscolaire"])
def test_qui_ne_lit_pas_les_factures_n_a_ni_le_geste_ni_le_fichier(client, mois, groupe):
    faire(demander(mois, toutes=False))
    client.force_login(f.agent(groupe))
    assert client.get(adresse(mois, "imprimees"), follow=True).status_code == 403
    assert client.post(adresse(mois, "imprimer"), {"toutes": "oui"}, follow=True).status_code == 403
    assert Impression.objects.get().faites == 2


def test_un_parent_et_un_visiteur_n_ont_pas_le_fichier(client, mois):
    faire(demander(mois, toutes=False))
    assert client.get(adresse(mois, "imprimees")).headers["Location"].startswith("/connexion/")
    client.force_login(mois.factures[3].famille.adultes.exclude(compte=None).first().compte)
    assert client.get(adresse(mois, "imprimees"), follow=True).status_code == 403


def test_la_page_coute_autant_avec_une_facture_et_avec_trois_cents(regie, mois):
    def requetes():
        with CaptureQueriesContext(connection) as lues:
            assert regie.get(suivi(mois)).status_code == 200
        return len(lues)

    requetes()
    peu = requetes()
    modele = mois.factures[0]
    familles = Famille.objects.bulk_create(
        Famille(nom=f"N {n}", statut="validee", validee_le=MAINTENANT) for n in range(300)
    )
    Facture.objects.bulk_create(
        Facture(exercice=2026, numero=50_000 + n, famille=famille, facturation=mois.facturation, mois=modele.mois,
                destinataire="X", adresse="Y", total=0, emise_le=MAINTENANT, echeance=modele.echeance)
        for n, famille in enumerate(familles)
    )  # fmt: skip
    assert mois.facturation.factures.count() == 305
    assert requetes() == peu


# --- Dans un vrai navigateur --------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_la_page_a_chaque_etape_sans_faute(live_server, page, mois):
    parcourir(live_server, page, mois, sans_faute)


@pytest.mark.django_db(transaction=True)
def test_un_regisseur_imprime_sans_javascript_au_telephone(live_server, sans_js, mois):
    sans_js.set_viewport_size({"width": 360, "height": 740})
    parcourir(live_server, sans_js, mois, lambda page, quoi: None)


def parcourir(serveur, page, mois, examiner):
    ouvrir(page, serveur, f.agent("Régie"), suivi(mois))
    expect(page.get_by_label("Celles des foyers sans compte, à poster")).to_be_checked()
    examiner(page, "avant d'imprimer")
    page.get_by_role("button", name="Imprimer les factures en un seul fichier").click()
    expect(page.get_by_text("0 facture réunie sur 2.")).to_be_visible()
    examiner(page, "pendant")
    page.reload()
    travailler()
    # La page se recharge d'elle-même.
    expect(page.get_by_text("2 factures, 4 pages")).to_be_visible()
    examiner(page, "prêt")
    with page.expect_download() as pris:
        page.get_by_role("link", name="Prendre le fichier à imprimer").click()
    assert pris.value.suggested_filename == "factures-2026-09.pdf"
