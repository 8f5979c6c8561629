"""L'export trop long pour une requête : fait par l'ouvrier, le même octet pour octet, gardé une semaine et pas plus."""

import html
import os
import re
import signal
import subprocess
import sys
import tempfile
from decimal import Decimal as D

import pytest
from django.contrib.admin.models import ADDITION, LogEntry
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from facturation import actions
from facturation.actions import exports, exports_longs
from facturation.models import (
    Avoir,
    Comptabilite,
    DemandeExport,
    Export,
    Facturation,
    Facture,
    Ligne,
    Reglement,
    volume,
)
from facturation.models.exports import ventilation
from facturation.regles.exports import CONTENUS, PES
from familles.models import Famille
from portail import taches
from tests import fabriques as f
from tests.beaucoup import copies, memes_requetes, ouvrir
from tests.conftest import travailler

from .exports import APRES, DEBUT, FIN, coder, faire, fichier, un_mois

PERIODE = {"debut": f"{DEBUT}", "fin": f"{FIN}"}
SEMAINE = exports_longs.GARDE
# Ce mois-là n'a aucun prélèvement : cet export-là reste court.
LONGS = [cle for cle in CONTENUS if cle not in (PES, "prelevements")]
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def le_20_novembre(time_machine):
    time_machine.move_to(APRES, tick=False)


@pytest.fixture
def longs(monkeypatch):
    """Tout export d'une ligne au moins est long."""
    monkeypatch.setattr(exports_longs, "TOUT_DE_SUITE", 0)


@pytest.fixture
def mois(longs):
    coder()
    return un_mois()


@pytest.fixture
def regie(mois):
    return f.agent("Régie", prenom="Claire", nom="MARTIN")


@pytest.fixture
def agent(client, regie):
    client.force_login(regie)
    return client


def demander(compte, genre="factures", format="csv", maintenant=APRES):
    return actions.demander_export(genre, format, DEBUT, FIN, compte, maintenant)


def faite(demande):
    actions.faire_export(demande.pk, APRES)
    demande.refresh_from_db()
    return demande


def lire(demande):
    with demande.fichier.open() as garde:
        return garde.read()


def page(nom, *arguments):
    return reverse(f"admin:facturation_export_{nom}", args=arguments)


def texte(reponse):
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", reponse.content.decode())))


def inscriptions():
    """Ce que le journal de l'administration dit des exports faits."""
    du_journal = LogEntry.objects.filter(action_flag=ADDITION, content_type__model="export")
    return list(du_journal.order_by("pk").values_list("user__nom", "object_id", "change_message"))


# --- Le même fichier ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("format", ["csv", "ods"])
def test_le_fichier_de_l_ouvrier_est_celui_de_l_instant_octet_pour_octet(mois, regie, format):
    ici = {genre: faire(genre, format) for genre in LONGS}
    demandes = {genre: demander(regie, genre, format) for genre in LONGS}
    assert Export.objects.count() == len(ici), "rien n'est inscrit avant d'être fait"
    travailler()
    for genre, demande in demandes.items():
        demande.refresh_from_db()
        export = demande.export
        assert lire(demande) == fichier(ici[genre]) == fichier(export), genre
        for champ in ("genre", "format", "debut", "fin", "arrete_le", "lignes", "empreinte", "reglages"):
            assert getattr(export, champ) == getattr(ici[genre], champ), (genre, champ)
        assert export.fait_par == regie
        assert (demande.terminee_le, demande.faites, demande.incident) == (APRES, export.lignes, "")
        assert re.fullmatch(rf"facturation/\w\w/\w{{32}}\.{format}", demande.fichier.name), "il ne nomme personne"


def test_attendre_n_y_change_rien(mois, regie):
    """L'arrêté est l'instant de la demande : ce qui s'enregistre avant que l'ouvrier s'y mette n'y est pas."""
    familles, _ = mois
    ici = faire("reglements")
    demande = demander(regie, "reglements")
    actions.encaisser(familles[4], D("12.00"), "cheque", regie, f.a_paris(2026, 11, 21))
    Facturation.objects.update(terminee_le=None, lancee_le=f.a_paris(2026, 11, 21))  # un mois lancé depuis
    actions.faire_export(demande.pk, f.a_paris(2026, 11, 22))
    demande.refresh_from_db()
    assert demande.incident == ""
    assert lire(demande) == fichier(ici)


def test_une_petite_ville_ne_voit_aucun_changement(client, db):
    coder()
    un_mois(3)
    client.force_login(f.agent("Régie"))
    reponse = client.post(page("add"), PERIODE | {"quoi": "lignes.csv"})
    export = Export.objects.get()
    assert reponse.url == page("change", export.pk)
    vu = texte(client.get(reponse.url))
    assert "Prendre le fichier" in vu
    assert "semaine" not in vu
    assert DemandeExport.objects.count() == 0


@pytest.mark.parametrize("genre", CONTENUS)
def test_le_seuil_compte_les_lignes_a_peu_pres(mois, genre, monkeypatch):
    combien = volume(export := actions.regarder(genre, DEBUT, FIN, APRES))
    exacts = {
        "factures": Facture.objects.count(), "lignes": Ligne.objects.count(), "avoirs": Avoir.objects.count(),
        "familles": Famille.objects.count(), "reglements": Reglement.objects.count() + 2, "prelevements": 0,
        PES: Facture.objects.count(),
    }  # fmt: skip
    if genre in exacts:
        assert combien == exacts[genre]
    elif genre in ("presences", "ecritures"):
        assert 0 < combien <= faire(genre).lignes
    else:
        assert 0 < combien <= Ligne.objects.count() / 5
    monkeypatch.setattr(exports_longs, "TOUT_DE_SUITE", combien)
    assert not actions.export_long(export)
    if combien:
        monkeypatch.setattr(exports_longs, "TOUT_DE_SUITE", combien - 1)
        assert actions.export_long(export)


def test_il_dit_ou_il_en_est(mois, monkeypatch):
    monkeypatch.setattr(exports, "PAS", 2)
    vues = []
    with exports.sceller(export := actions.regarder("factures", DEBUT, FIN, APRES, format="csv"), vues.append):
        assert vues == [2, 4, 6]
        assert export.lignes == 6


def test_les_avoirs_se_lisent_par_paquets_sans_qu_un_octet_change(mois, monkeypatch):
    avant = {genre: fichier(faire(genre)) for genre in ("ecritures", "recettes")}
    for paquet in (1, 2):
        monkeypatch.setattr(ventilation, "PAQUET", paquet)
        assert {genre: fichier(faire(genre)) for genre in avant} == avant


def test_l_ouvrier_ne_pose_pas_plus_de_questions_pour_plus_de_lignes(longs):
    coder()
    un_mois(4)
    compte = f.agent("Régie")

    def requetes():
        demandes = [demander(compte, genre) for genre in LONGS]
        with CaptureQueriesContext(connection) as vues:
            for demande in demandes:
                assert faite(demande).incident == ""
        return len(vues)

    requetes()
    peu = requetes()
    for n in range(30):
        facture = f.facture(f.famille(nom=f"AUTRE {n}"), total="10.00", emise_le=f.a_paris(2026, 11, 2))
        actions.emettre_avoir(facture, D("2.00"), "geste", None, f.a_paris(2026, 11, 4))
    Facturation.objects.update(terminee_le=APRES)
    assert requetes() == peu


# --- La page ------------------------------------------------------------------------------------------------------
def test_la_regie_demande_suit_et_prend_le_fichier_et_le_journal_le_dit(agent):
    suite = agent.post(page("add"), PERIODE | {"quoi": "factures.csv"})
    demande = DemandeExport.objects.get()
    assert suite.url == page("demande", demande.pk)
    attente = agent.get(suite.url)
    for phrase in ["Votre export se prépare…", "Il attend son tour.", "par Claire MARTIN", "Rien n'avance ?"]:
        assert phrase in texte(attente), phrase
    assert 'http-equiv="refresh"' in attente.content.decode()
    assert "En préparation" in texte(agent.get(page("add")))
    assert agent.post(page("add"), PERIODE | {"quoi": "factures.csv"}).url == suite.url, "deux clics, une demande"
    assert inscriptions() == []

    travailler()
    export = Export.objects.get()
    assert agent.get(suite.url).url == page("change", export.pk)
    assert "Il est gardé une semaine à compter du 20 novembre 2026" in texte(agent.get(page("change", export.pk)))
    assert "En préparation" not in texte(agent.get(page("add")))
    pris = agent.get(page("fichier", export.pk))
    assert b"".join(pris.streaming_content) == fichier(export)
    assert pris["Content-Type"] == "text/csv; charset=utf-8"
    assert pris["X-Content-Type-Options"] == "nosniff"
    assert pris["Content-Disposition"] == f'attachment; filename="{export.nom_du_fichier}"'
    phrase = "Factures du 01/09/2026 au 31/12/2026 : 6 lignes."
    assert inscriptions() == [("MARTIN", str(export.pk), phrase)]
    dits = LogEntry.objects.filter(content_type__model="export", object_id=export.pk).order_by("pk")
    assert [dit.change_message for dit in dits] == [phrase, "Fichier pris."]


def test_en_chemin_la_page_dit_combien_de_lignes_sont_ecrites(agent, regie):
    demande = demander(regie)
    DemandeExport.objects.update(faites=15_000, a_faire=60_000)
    vu = agent.get(page("demande", demande.pk))
    assert "15 000 lignes écrites sur 60 000" in texte(vu)
    assert 'value="25"' in vu.content.decode()


def test_un_refus_se_lit_sur_la_page_et_se_reessaie(agent, regie):
    Comptabilite.objects.get().imputations.filter(genre="soir").delete()
    suite = agent.post(page("add"), PERIODE | {"quoi": "ecritures.csv"}).url
    travailler()
    refus = agent.get(suite)
    assert "le compte de produit de « accueil du soir »" in texte(refus)
    assert reverse("admin:facturation_comptabilite_changelist") in refus.content.decode()
    assert "refresh" not in refus.content.decode()
    assert not Export.objects.exists()
    assert ": arrêté" in texte(agent.get(page("add")))
    Comptabilite.objects.get().imputations.create(genre="soir", compte="7067")
    assert agent.post(suite).url == suite
    travailler()
    assert agent.get(suite).url == page("change", Export.objects.get().pk)


@pytest.mark.parametrize("qui", ["Agents", "Périscolaire", "un parent", "personne"])
def test_le_fichier_et_sa_demande_ne_sont_qu_a_qui_lit_les_exports(client, mois, regie, qui):
    prete, attend = faite(demander(regie)), demander(regie, "lignes")
    if qui == "un parent":
        client.force_login(f.famille().compte)
    elif qui != "personne":
        client.force_login(f.agent(qui))
    for adresse in (page("demande", attend.pk), page("demande", prete.pk), page("fichier", prete.export_id)):
        for reponse in (client.get(adresse), client.post(adresse)):
            assert reponse.status_code in (302, 403)
            assert reponse.status_code == 403 or re.match("/(connexion|admin/login)/", reponse.url), adresse
    assert client.post(page("add"), PERIODE | {"quoi": "avoirs.csv"}).status_code in (302, 403)
    assert DemandeExport.objects.count() == 2
    assert not LogEntry.objects.filter(change_message="Fichier pris.").exists()


def test_qui_ne_fait_que_lire_prend_le_fichier_mais_n_en_demande_pas(client, mois, regie):
    prete = faite(demander(regie))
    client.force_login(f.lecteur("familles.view_famille", "facturation.view_export"))
    assert client.get(page("demande", prete.pk)).url == page("change", prete.export_id)
    assert b"".join(client.get(page("fichier", prete.export_id)).streaming_content) == lire(prete)
    assert client.post(page("add"), PERIODE | {"quoi": "lignes.csv"}).status_code == 403
    assert DemandeExport.objects.count() == 1


def test_la_page_des_exports_coute_autant_avec_une_demande_qu_avec_trois_cents(agent, regie):
    demande = demander(regie)
    with memes_requetes(ouvrir(agent, page("add"))):
        copies(demande)


# --- Tué, doublé, plein -------------------------------------------------------------------------------------------
TUE = """
import os, signal, sys
import django
if __name__ == "__main__":
    django.setup()
    from django.core.files.storage import default_storage
    from django.utils import timezone
    from facturation import actions
    from facturation.actions import exports
    default_storage._location = sys.argv[2]
    exports.PAS = 1
    ecrire = default_storage.save

    def ecrire_et_mourir(nom, contenu):
        ecrire(nom, contenu)
        os.kill(os.getpid(), signal.SIGKILL)

    default_storage.save = ecrire_et_mourir
    actions.faire_export(int(sys.argv[1]), timezone.now())
"""


@pytest.mark.django_db(transaction=True)
def test_tue_entre_le_fichier_et_son_inscription_il_n_en_fait_qu_un(mois, regie, tmp_path):
    """Un vrai kill -9 : le fichier est sur le disque, rien n'est au journal. La reprise efface l'un et fait l'autre."""
    demande = demander(regie)
    (tmp_path / "exporter.py").write_text(TUE)
    reglages = connection.settings_dict
    base = f"postgresql://postgres@/{reglages['NAME']}?host={reglages['HOST'] or reglages['OPTIONS'].get('host', '')}"
    ouvrier = subprocess.run(
        [sys.executable, tmp_path / "exporter.py", str(demande.pk), default_storage.location], timeout=60,
        env=os.environ | {"PYTHONPATH": os.getcwd(), "DATABASE_URL": base}, check=False,
    )  # fmt: skip
    assert ouvrier.returncode == -signal.SIGKILL
    demande.refresh_from_db()
    orphelin = demande.fichier.name
    assert default_storage.exists(orphelin)
    assert (demande.terminee_le, demande.export, inscriptions()) == (None, None, []), "rien d'inachevé n'est offert"
    assert demande.faites == 6, "son avancement se voyait"
    faite(demande)
    assert not default_storage.exists(orphelin)
    assert lire(demande) == fichier(Export.objects.get())
    assert len(inscriptions()) == 1


def test_deux_essais_a_la_fois_ne_font_qu_un_fichier_et_qu_une_inscription(mois, regie, monkeypatch):
    """Un ouvrier que l'on croyait mort finit d'écrire quand un autre a tout refait : il efface ce qu'il a écrit."""
    demande, ecrire, essais = demander(regie), default_storage.save, []

    def un_autre_finit_avant(nom, contenu):
        essais.append(nom)
        if len(essais) == 1:
            actions.faire_export(demande.pk, APRES)
        return ecrire(nom, contenu)

    monkeypatch.setattr(default_storage, "save", un_autre_finit_avant)
    actions.faire_export(demande.pk, APRES)
    demande.refresh_from_db()
    premier, second = essais
    assert demande.fichier.name == second
    assert [default_storage.exists(nom) for nom in essais] == [False, True], premier
    assert demande.incident == ""
    assert (Export.objects.count(), len(inscriptions())) == (1, 1)
    actions.faire_export(demande.pk, APRES)  # finie : sans effet
    assert (Export.objects.count(), len(essais)) == (1, 2)


@pytest.fixture
def disque_plein(tmp_path):
    """Un vrai disque d'un mégaoctet, plein."""
    if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "essai", tmp_path]).returncode:
        pytest.skip("monter un disque demande root")
    (tmp_path / "autre").write_bytes(b"x" * 1024 * 1024)
    yield tmp_path
    subprocess.run(["umount", tmp_path], check=True)


@pytest.mark.parametrize("format", ["csv", "ods"])
@pytest.mark.parametrize("ou", ["le fichier gardé", "le fichier en cours"])
def test_un_disque_plein_se_dit_et_ne_garde_rien_a_moitie(agent, regie, disque_plein, monkeypatch, ou, format):
    if ou == "le fichier gardé":
        champ = DemandeExport._meta.get_field("fichier")
        monkeypatch.setattr(champ, "storage", FileSystemStorage(location=disque_plein))
    else:
        monkeypatch.setattr(tempfile, "tempdir", str(disque_plein))
    demande = demander(regie, "lignes", format)
    actions.faire_export(demande.pk, APRES)
    refus = texte(agent.get(page("demande", demande.pk)))
    assert "Le disque du serveur est plein : rien n'est gardé de cet export." in refus
    assert "Réessayer" in refus
    assert [p.name for p in disque_plein.rglob("*") if p.is_file()] == ["autre"]
    assert (Export.objects.count(), inscriptions()) == (0, [])
    (disque_plein / "autre").unlink()
    agent.post(page("demande", demande.pk))
    demande = faite(demande)
    assert lire(demande) == fichier(Export.objects.get())


# --- Une semaine, et pas plus -------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_la_nuit_efface_le_fichier_d_une_semaine_et_le_journal_reste(mois, regie, time_machine):
    prete, jamais_faite = faite(demander(regie)), demander(regie, "lignes")
    for jour, reste in [(APRES + SEMAINE, 2), (APRES + SEMAINE * 1.01, 0)]:
        time_machine.move_to(jour, tick=False)
        taches.menage.func(timestamp=0)
        assert DemandeExport.objects.count() == reste
        assert default_storage.exists(prete.fichier.name) == bool(reste)
    assert Export.objects.get() == prete.export
    actions.faire_export(jamais_faite.pk, APRES)  # sa tâche arrive trop tard
    assert Export.objects.count() == 1


def test_apres_une_semaine_il_se_refait_identique_sans_etre_inscrit_deux_fois(agent, regie, client):
    avant, export = lire(prete := faite(demander(regie))), prete.export
    actions.purger_exports(APRES + SEMAINE * 2)
    assert "Préparer le fichier" in texte(agent.get(page("change", export.pk)))
    assert "demandez-le à nouveau" in texte(agent.get(page("fichier", export.pk), follow=True))
    client.force_login(f.lecteur("familles.view_famille", "facturation.view_export"))  # qui le prend peut le redemander
    demande = DemandeExport.objects.filter(export=export)
    assert client.post(page("fichier", export.pk)).url == page("demande", demande.get().pk)
    assert "déjà au journal" in texte(client.get(page("demande", demande.get().pk)))
    assert "Voir où en est le fichier" in texte(client.get(page("change", export.pk)))
    travailler()
    assert lire(demande.get()) == avant
    assert client.get(page("demande", demande.get().pk)).url == page("change", export.pk)
    assert (Export.objects.count(), len(inscriptions())) == (1, 1)


def test_corrige_depuis_il_ne_passe_pas_pour_le_meme(agent, regie):
    export = faite(demander(regie, "familles")).export
    actions.purger_exports(APRES + SEMAINE * 2)
    Famille.objects.update(nom="AUTRE NOM")
    suite = agent.post(page("fichier", export.pk)).url
    travailler()
    assert "corrigé ou effacé depuis" in texte(agent.get(suite))
    demande = DemandeExport.objects.get()
    assert not default_storage.exists(demande.fichier.name)
