"""Tout ce que tient le portail en sort en tableur : colonnes dites, sans formule, à qui peut le lire."""

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from commune.exports import ListeExportee
from facturation.actions import clore
from facturation.admin import simulation, tresor
from familles.models import Autorisation
from portail.menu import RUBRIQUES
from portail.models import Effacement
from presences.views import bilans, feuilles
from reservations.admin import planning
from reservations.views import verification
from tests import fabriques as f
from tests.acces import MAINTENANT, maison_partagee, ville
from tests.facturation.exports import lire_csv, lire_ods
from tests.test_acces_mairie import tables

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "exports.md").read_text()
# Ce que la page dit ne pas s'exporter, sous le nom du menu.
SANS = {"commune.commune", "facturation.regie", "facturation.comptabilite", "inscriptions.regledelai",
        "familles.fichesanitaire", "portail.demandecompte", "portail.texteconsentement"}  # fmt: skip
TABLEAUX = {
    "Planning": [*planning.COLONNES, "Une par séance"], "Effectifs": bilans.EFFECTIFS, "Écarts": bilans.ECARTS,
    "Liste du jour": feuilles.COLONNES, "État des restes": tresor.COLONNES, "Et si ?": simulation.COLONNES,
    "File d'une ouverture": verification.FILE, "Tirage d'une ouverture": verification.TIRAGE,
}  # fmt: skip
FORMULE = re.compile(r"[\s\ufeff]*[=+\-@＝＋－＠]")


def listes():
    """Les listes qui s'exportent : ``{"familles.famille": ModelAdmin}``."""
    return {table: page for table, page in tables().items() if isinstance(page, ListeExportee)}


def feuilles_de(page):
    return [*page.resource_classes, *getattr(page, "resources_de", {})]


def titres(feuille):
    return feuille().get_export_headers()


FEUILLES = [(table, rang) for table, page in listes().items() for rang in range(len(feuilles_de(page)))]


@pytest.fixture(autouse=True)
def novembre(time_machine):
    time_machine.move_to(MAINTENANT, tick=False)


def maison(ici, marque=""):
    chez = maison_partagee(ici, marque)
    Autorisation.objects.create(enfant=chez.hugo, genre="photo", accordee=True, donnee_le=MAINTENANT)
    partie = f.famille(nom=f"{marque}PARTIE", statut="a_valider", envoyee_le=MAINTENANT)
    Effacement.objects.create(famille=partie, prevenue_le=MAINTENANT)
    return chez


@pytest.fixture
def ici(db):
    lieu = ville()
    lieu.maison = maison(lieu)
    clore(MAINTENANT.date() - dt.timedelta(days=1), Decimal("0"), "", None, MAINTENANT)
    return lieu


@pytest.fixture
def direction(client, ici):
    client.force_login(f.agent("Direction"))
    return client


def adresse(table):
    return reverse(f"admin:{table.replace('.', '_')}_export")


def emporter(client, table, rang=0, ods=False, filtre=""):
    return client.post(adresse(table) + filtre, {"format": "1" if ods else "0", "resource": str(rang)})


# --- La documentation ---------------------------------------------------------------------------------------------
def colonnes_dites(titre):
    """Les colonnes de cette section de la page, et ce qui est dit de chacune."""
    section = PAGE.partition(f"\n### {titre}\n")[2].partition("\n## ")[0].partition("\n### ")[0]
    return [rangee.strip("|").split(" | ") for rangee in section.splitlines() if rangee.startswith("| ")][1:]


@pytest.mark.parametrize(("table", "rang"), FEUILLES)
def test_chaque_liste_est_documentee_avec_toutes_ses_colonnes(table, rang):
    feuille = feuilles_de(listes()[table])[rang]
    dites = colonnes_dites(feuille.get_display_name())
    assert [titre.strip() for titre, _ in dites] == titres(feuille)
    assert all(dit.strip() for _, dit in dites)


def test_deux_feuilles_ne_portent_pas_le_meme_nom():
    noms = [feuille.get_display_name() for page in listes().values() for feuille in feuilles_de(page)]
    assert len(noms) == len(set(noms))
    assert PAGE.count("\n### ") == len(noms) + len(TABLEAUX), "une section de trop"


@pytest.mark.parametrize("titre", TABLEAUX)
def test_chaque_tableau_d_une_page_est_documente_avec_toutes_ses_colonnes(titre):
    assert [colonne.strip() for colonne, _ in colonnes_dites(titre)] == TABLEAUX[titre]


def test_ce_qui_ne_s_exporte_pas_est_dit_et_rien_d_autre():
    assert tables().keys() - listes().keys() == SANS
    menu = {str(entree["link"]): entree["title"] for rubrique in RUBRIQUES for entree in rubrique["items"]}
    noms = {menu[reverse(f"admin:{table.replace('.', '_')}_changelist")] for table in SANS}
    section = PAGE.partition("\n## Ce qui ne s'exporte pas\n")[2]
    dits = [rangee.strip("| ").split(" | ") for rangee in section.splitlines() if rangee.startswith("| ")][1:]
    assert {nom for nom, _ in dits} == noms
    assert all(raison for _, raison in dits)


# --- Les fichiers -------------------------------------------------------------------------------------------------
def test_chaque_liste_s_emporte_en_csv_et_en_ods_avec_les_memes_lignes(direction):
    for table, rang in FEUILLES:
        attendus = titres(feuilles_de(listes()[table])[rang])
        en_tete, *lignes = lire_csv(emporter(direction, table, rang).content)
        assert en_tete == attendus, table
        assert lignes, table
        assert {len(ligne) for ligne in lignes} == {len(attendus)}, table
        premiere, *rangees = lire_ods(emporter(direction, table, rang, ods=True).content)
        assert [texte for _, texte in premiere] == attendus, table
        assert len(rangees) == len(lignes), table
        # Un oui est un mot, une date une date : ni « True », ni « 1 », ni l'écriture de Python.
        assert not [c for ligne in lignes for c in ligne if re.search(r"^(True|False|None)$|\d{4}-\d\d-\d\d", c)], table


def test_aucun_nom_ne_devient_une_formule(direction, ici):
    maison(ici, "=1+")
    vus = 0
    for table, rang in FEUILLES:
        for ligne in lire_csv(emporter(direction, table, rang).content):
            vus += sum(cellule.startswith("'=1+") for cellule in ligne)
            amorces = [cellule for cellule in ligne if FORMULE.match(cellule) and not re.fullmatch(r"-[\d,]+", cellule)]
            assert not amorces, table
        for rangee in lire_ods(emporter(direction, table, rang, ods=True).content):  # qui refuse toute formule
            assert {genre for genre, texte in rangee if "=1+" in texte} <= {"string"}, table
    assert vus > 40


def test_un_export_coute_autant_de_requetes_quand_les_lignes_doublent(direction, ici):
    def requetes():
        comptes = {}
        for table, rang in FEUILLES:
            with CaptureQueriesContext(connection) as vues:
                assert emporter(direction, table, rang).status_code == 200
            comptes[table, rang] = len(vues)
        return comptes

    requetes()
    avant = requetes()
    maison(ici, "B")
    assert requetes() == avant


def test_trois_cents_seances_excuses_et_mouvements_coutent_comme_une(direction, ici):
    suivies = ["reservations.seance", "reservations.excuse", "reservations.mouvement", "familles.enfant"]

    def requetes(table):
        with CaptureQueriesContext(connection) as vues:
            lues = lire_csv(emporter(direction, table, filtre="?quand=toutes" if "seance" in table else "").content)
        return len(vues), len(lues)

    [requetes(table) for table in suivies]
    avant = {table: requetes(table)[0] for table in suivies}
    petits = [f.enfant(f.famille(avec_compte=False), ecole=ici.site) for _ in range(5)]
    for n in range(60):
        seance = f.seance(ici.midi, dt.date(2027, 1, 4) + dt.timedelta(days=n))
        for petit in petits:
            f.excuse(f.reservation(petit, seance))
    assert {table: requetes(table)[0] for table in suivies} == avant
    assert requetes("reservations.excuse")[1] > 300


# --- À qui -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("groupe", ["Direction", "Régie", "Périscolaire", "Agents"])
def test_qui_lit_une_liste_l_emporte_et_personne_d_autre(client, ici, groupe):
    client.force_login(f.agent(groupe))
    lit, emporte = set(), set()
    for table in listes():
        if client.get(reverse(f"admin:{table.replace('.', '_')}_changelist")).status_code == 200:
            lit.add(table)
        if emporter(client, table).status_code == 200:
            emporte.add(table)
    assert emporte == lit
    assert bool(lit) == (groupe != "Agents")


@pytest.mark.parametrize(("groupe", "lit"), [("Direction", True), ("Périscolaire", True), ("Régie", False)])
def test_la_regie_n_emporte_ni_l_entourage_ni_les_autorisations(client, ici, groupe, lit):
    client.force_login(f.agent(groupe))
    page = client.get(adresse("familles.enfant")).content.decode()
    for rang, nom in ((1, "Entourage"), (2, "Autorisations")):
        assert (nom in page) == lit
        assert (emporter(client, "familles.enfant", rang)["Content-Type"] == "text/csv") == lit
    traces = LogEntry.objects.filter(object_repr="Liste exportée : enfants")
    assert [t.change_message.partition("sans filtre.")[2] for t in traces.order_by("pk")] == (
        [" Feuille « Entourage ».", " Feuille « Autorisations »."] if lit else []
    )


def test_le_periscolaire_n_emporte_aucun_montant(client, ici):
    client.force_login(f.agent("Périscolaire"))
    emportes = [emporter(client, table, rang) for table, rang in FEUILLES]
    fichiers = [reponse.content.decode() for reponse in emportes if reponse.headers.get("Content-Type") == "text/csv"]
    assert len(fichiers) > 15
    for fichier in fichiers:
        assert not [m for m in ("28,50", "18,50", ";742", "€", "RUM", "FR76") if m in fichier]


# --- Ce que disent quelques-unes ----------------------------------------------------------------------------------
def lignes_de(client, table, rang=0, filtre=""):
    en_tete, *lignes = lire_csv(emporter(client, table, rang, filtre=filtre).content)
    return [dict(zip(en_tete, ligne, strict=True)) for ligne in lignes]


def test_une_seance_dit_ses_places_qui_a_reserve_et_qui_est_venu(direction, ici):
    ici.passee.capacite = 40
    ici.passee.save()
    [ligne] = lignes_de(direction, "reservations.seance", filtre="?jour_from=20/11/2026&jour_to=20/11/2026")
    assert (ligne["Jour"], ligne["Activité"]) == ("20/11/2026", "Restauration")
    faits = ["Places", "Réservés", "Places proposées", "En attente", "Présents", "Absents", "Excusés"]
    assert [ligne[fait] for fait in faits] == ["40", "1", "0", "0", "0", "1", "0"]
    assert (ligne["De"], ligne["À"], ligne["A lieu"], ligne["Pourquoi non"]) == ("12:00", "13:30", "oui", "")


@pytest.mark.parametrize(
    ("table", "filtre", "lignes"),
    [
        ("reservations.reservation", "seance__jour_from=23/11/2026&seance__jour_to=27/11/2026", 2),
        ("reservations.excuse", "reservation__seance__jour_from=20/11/2026", 1),
        ("reservations.excuse", "reservation__seance__jour_from=21/11/2026", 0),
        ("documents.piece", "envoyee_le_to=01/01/2026", 0),
        ("reservations.mouvement", "instant_from=23/11/2026&instant_to=23/11/2026", 1),
        ("reservations.mouvement", "instant_from=24/11/2026", 0),
        ("reservations.mouvement", "instant_to=22/11/2026", 0),
    ],
)
def test_un_filtre_de_dates_lit_les_dates_comme_on_les_ecrit(direction, table, filtre, lignes):
    """Le calendrier des filtres écrit 23/11/2026 ; illisible, la date serait ignorée et la liste sortirait entière."""
    assert len(lignes_de(direction, table, filtre=f"?{filtre}")) == lignes


def test_une_excuse_s_emporte_sans_sa_raison_ni_son_justificatif(direction):
    [ligne] = lignes_de(direction, "reservations.excuse", filtre="?etat__exact=envoyee")
    assert (ligne["Jour"], ligne["Prénom"], ligne["État"], ligne["Décidée le"]) == ("20/11/2026", "Hugo", "envoyée", "")
    assert re.fullmatch(r"\d\d/\d\d/\d{4} \d\d:\d\d", ligne["Justificatif reçu le"])
    assert "malade" not in " ".join(ligne.values())


def test_un_evenement_dit_qui_il_touche_et_ce_qu_il_a_annule(direction, ici):
    lignes = {ligne["Événement"]: ligne for ligne in lignes_de(direction, "reservations.evenement")}
    assert (lignes["Sortie"]["Classes"], lignes["Sortie"]["État"]) == ("CM2", "à appliquer")
    assert (lignes["Grève"]["Activités"], lignes["Grève"]["État"]) == ("Mercredi – École Centre", "appliqué")
    assert (lignes["Grève"]["Écoles et sites"], lignes["Grève"]["Classes"]) == ("toute la commune", "toutes")
    assert lignes["Grève"]["Réservations annulées"] == "0"


def test_l_entourage_dit_qui_vient_le_chercher_et_ne_dit_plus_qui_est_parti(direction, ici):
    ici.maison.papi.fin = MAINTENANT.date()
    assert {ligne["Adulte"] for ligne in lignes_de(direction, "familles.enfant", 1)} == {str(ici.maison.papi)}
    ici.maison.papi.save()
    assert lignes_de(direction, "familles.enfant", 1) == []


@pytest.mark.parametrize(("table", "rang"), [("familles.enfant", 1), ("facturation.etatdesrestes", 0)])
def test_une_feuille_plus_longue_que_sa_liste_se_refuse_aussi(direction, ici, monkeypatch, table, rang):
    maison(ici, "B")
    monkeypatch.setattr("commune.exports.PLAFOND", 1)
    page = emporter(direction, table, rang, filtre="?q=" if "enfant" in table else "").content.decode()
    assert "trop pour un fichier" in page
    assert not LogEntry.objects.filter(object_repr__startswith="Liste exportée").exists()


def test_les_tableaux_des_presences_laissent_leur_trace(client, ici):
    client.force_login(f.agent("Périscolaire"))
    for nom, pk in [("effectifs_csv", None), ("ecarts_csv", None), ("liste_csv", ici.du_jour.pk)]:
        assert client.get(reverse(f"presences:{nom}", args=[pk] if pk else [])).status_code == 200
    assert [trace.object_repr.partition(" :")[0] for trace in LogEntry.objects.order_by("pk")] == [
        "Effectifs exportés", "Écarts exportés", "Liste du jour exportée",
    ]  # fmt: skip
