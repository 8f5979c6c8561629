"""La liste sur papier et en tableur, les effectifs, les écarts : le PDF s'ouvre et se lit."""

import csv
import datetime as dt
import io
import re

import pytest
import time_machine
from django.urls import reverse

from commune.pdf import rendre
from familles.models import Autorisation, LectureFiche, PersonneAutorisee
from presences import actions
from tests import fabriques as f
from tests.papier import textes
from tests.parcours.papiers import lire_pdf
from tests.presences.outils import JOUR, MIDI, attendu, remplir, service

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_midi():
    with time_machine.travel(MIDI, tick=False):
        yield


@pytest.fixture
def nadia(client):
    f.commune()
    nadia = f.agent("Agents", prenom="Nadia", nom="PETIT")
    client.force_login(nadia)
    return nadia


@pytest.fixture
def seance(nadia):
    return service()


def feuille(client, seance, verbe="get"):
    reponse = getattr(client, verbe)(reverse("presences:feuille", args=[seance.pk]))
    assert (reponse.status_code, reponse["Content-Type"]) == (200, "application/pdf")
    return textes(reponse.content)


def lignes_csv(reponse):
    assert reponse["Content-Type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(reponse.content.decode("utf-8-sig")), delimiter=";"))


# --- Le papier -----------------------------------------------------------------------------------------------------
def test_une_page_par_classe_avec_l_instant_et_qui_imprime(client, seance):
    attendu(seance, "Hugo", classe="cm1", sante={"regime": "sans_porc", "allergies": "Arachide"})
    attendu(seance, "Lina", classe="cp")
    cp, cm1 = feuille(client, seance)
    assert "CP" in cp
    assert "LA STAR Lina" in cp
    assert "Toute la liste : 2 enfants" in cp
    assert "CM1" in cm1
    for morceau in ("LA STAR Hugo", "Allergie, Sans porc", "06 12 34 56 78", "1 sans porc", "lundi 23 novembre 2026",
                    "Imprimé le 23/11/2026 à 12:04 par Nadia PETIT"):  # fmt: skip
        assert morceau in cm1
    assert "Arachide" not in cp + cm1
    assert not LectureFiche.objects.exists()


def test_deux_cm1_font_deux_feuilles_et_le_tableur_les_dit(client, seance):
    attendu(seance, "Hugo", classe="cm1", division="B")
    attendu(seance, "Lina", classe="cm1", division="A")
    premiere, seconde = feuille(client, seance)
    assert "CM1 A" in premiere
    assert "LA STAR Lina" in premiere
    assert "CM1 B" in seconde
    assert "LA STAR Hugo" in seconde
    _, *lignes = lignes_csv(client.get(reverse("presences:liste_csv", args=[seance.pk])))
    assert [(ligne[0], ligne[2]) for ligne in lignes] == [("CM1 A", "Lina"), ("CM1 B", "Hugo")]


def test_avec_le_detail_de_la_sante_chaque_lecture_est_consignee(client, seance, nadia):
    hugo = attendu(seance, "Hugo", sante={"allergies": "Arachide", "pai": "Ventoline\ndans le sac"})
    attendu(seance, "Lina", sante={"regime": "sans_porc"})
    [page] = feuille(client, seance, "post")
    assert "Allergies : Arachide" in page
    assert "PAI : Ventoline dans le sac" in page
    assert list(LectureFiche.objects.values_list("enfant", "compte")) == [(hugo.pk, nadia.pk)], "Lina n'a rien à lire"


def test_a_qui_ne_pas_confier_et_le_soir_a_qui(client, nadia):
    soir = service(genre="soir", nom="Soir", avec_repas=False)
    hugo = attendu(soir)
    foyer = hugo.familles.get()
    paul = foyer.adultes.create(civilite="m", nom="DUPONT", prenom="Paul")
    odile = foyer.adultes.create(civilite="mme", nom="AUGER", prenom="Odile", telephone="05 49 00 00 00")
    PersonneAutorisee.objects.create(enfant=hugo, adulte=paul, interdit=True)
    PersonneAutorisee.objects.create(enfant=hugo, adulte=odile, recupere=True)
    [page] = feuille(client, soir)
    for morceau in ("NE PAS CONFIER À M. Paul DUPONT", "À confier à : Odile AUGER 05 49 00 00 00", "Arrivée", "Départ",
                    "Signature"):  # fmt: skip
        assert morceau in page


def test_un_numero_ne_se_coupe_pas_au_bout_d_une_ligne():
    numeros = " ".join(["05 49 00 00 00"] * 12)
    enfants = [
        {"nom": f"Hugo {n}", "mots": "", "telephones": [], "suite": ["o" * n + " " + numeros]} for n in range(20)
    ]
    octets = rendre("presences/papiers/feuille.typ", {
        "titre": "Soir", "commune": "Mairie", "heures": True, "quoi": "Soir", "imprime": "aujourd'hui",
        "classes": [{"titre": "CM1", "comptes": [], "enfants": enfants}],
    })  # fmt: skip
    lignes = lire_pdf(octets).splitlines()
    assert sum(ligne.count("05 49 00 00 00") for ligne in lignes) == 20 * 12


def test_a_midi_la_feuille_dit_les_heures_et_garde_la_place_d_un_depart(client, seance):
    attendu(seance)
    [page] = feuille(client, seance)
    assert "12 h – 13 h 30" in page
    assert "Parti avant l'heure (enfant, heure, avec qui, signature)" in page
    assert "Arrivée" not in page, "personne ne vient le chercher à midi : la place est aux téléphones"


def test_en_cas_d_urgence_le_numero_est_sur_le_papier_et_dans_le_tableur(client, seance):
    hugo = attendu(seance)
    papi = hugo.familles.get().adultes.create(civilite="m", nom="AUGER", prenom="Jean", telephone="06 11 22 33 44")
    PersonneAutorisee.objects.create(enfant=hugo, adulte=papi, urgence=True)
    assert "Urgence : Jean AUGER 06 11 22 33 44" in feuille(client, seance)[0]
    entetes, ligne = lignes_csv(client.get(reverse("presences:liste_csv", args=[seance.pk])))
    assert dict(zip(entetes, ligne, strict=True))["À prévenir en cas d'urgence"] == "Jean AUGER 06 11 22 33 44"


def test_le_papier_donne_un_numero_de_chaque_parent_avant_celui_du_travail(client, seance):
    foyer = attendu(seance).familles.get()
    foyer.adultes.update(telephone_travail="05 49 11 11 11")
    foyer.adultes.create(
        civilite="m", nom="LA STAR", prenom="Marc", lien="pere", responsable_legal=True, telephone="06 99 88 77 66"
    )
    assert "06 12 34 56 78 06 99 88 77 66" in feuille(client, seance)[0]


def test_ce_que_la_famille_refuse_est_sur_le_papier_et_dans_le_tableur(client, seance):
    hugo = attendu(seance)
    for genre in ("photo", "soins", "sortie"):
        Autorisation.objects.create(enfant=hugo, genre=genre, accordee=False, donnee_le=MIDI)
    [page] = feuille(client, seance)
    assert "Soins refusés, Pas de" in page, "sur deux rangs"
    assert "photo" in page
    entetes, ligne = lignes_csv(client.get(reverse("presences:liste_csv", args=[seance.pk])))
    assert dict(zip(entetes, ligne, strict=True))["Refusé par la famille"] == "Soins refusés, Pas de photo"


@pytest.mark.parametrize(
    ("etat", "reponse", "mot", "ordinaires"),
    [
        ("envoyee", "", "Excuse écrite, à décider", 2),
        ("acceptee", "", "Excuse écrite, acceptée", 1),
        ("refusee", "Trop tard.", "Excuse écrite, refusée", 2),
    ],
)
def test_la_feuille_dit_la_decision_d_une_excuse_et_compte_les_repas(client, seance, etat, reponse, mot, ordinaires):
    hugo = attendu(seance, "Hugo")
    attendu(seance, "Lina")
    f.excuse(hugo.reservations.get(), etat=etat, reponse=reponse)
    [page] = feuille(client, seance)
    assert re.findall(r"Excuse écrite, (?:à décider|acceptée|refusée)", page) == [mot]
    assert f"2 enfants · {ordinaires} ordinaire" in page
    entetes, *lignes = lignes_csv(client.get(reverse("presences:liste_csv", args=[seance.pk])))
    assert [dict(zip(entetes, ligne, strict=True))["Excuse"] for ligne in lignes] == [mot, ""]


def test_un_nom_piege_reste_un_nom(client, seance):
    attendu(seance, "<b>Hugo</b>", "O'<img src=file:///etc/passwd>")
    assert "<img" in feuille(client, seance)[0].replace("\n", "")


def test_personne_n_est_attendu(client, seance):
    assert "Aucun enfant" in feuille(client, seance)[0]


def test_quatre_cent_vingt_quatre_enfants_tous_sur_la_feuille(client, seance):
    enfants = remplir(seance, 424)
    lues = feuille(client, seance)
    texte = " ".join("".join(lues).split())
    for enfant in enfants:
        assert f"{enfant.nom} {enfant.prenom}" in texte
    assert "Toute la liste : 424 enfants" in lues[0]
    assert len(lues) <= 24, "huit classes de 53 enfants, trois feuilles chacune au plus"


# --- Le tableur ----------------------------------------------------------------------------------------------------
def test_le_csv_de_la_liste_n_execute_rien(client, seance):
    hugo = attendu(seance, "Hugo", "=HYPERLINK(0)", sante={"regime": "sans_porc"})
    actions.accueillir(f.enfant(prenom="Zoé", nom="AUGER", ecole=seance.activite.site), seance, "+33 a dit oui",
                       f.agent(), MIDI)  # fmt: skip
    hugo.familles.get().adultes.update(telephone="+33 6 12 34 56 78")
    entetes, *lignes = lignes_csv(client.get(reverse("presences:liste_csv", args=[seance.pk])))
    table = [dict(zip(entetes, ligne, strict=True)) for ligne in lignes]
    assert [t["Nom"] for t in table] == ["'=HYPERLINK(0)", "AUGER"]
    assert [t["Téléphones"] for t in table] == ["'+33 6 12 34 56 78", "06 12 34 56 78"]
    assert [t["État"] for t in table] == ["à pointer", "présent"]
    assert [t["Raison de l'ajout"] for t in table] == ["", "'+33 a dit oui"]
    assert table[0]["Régime et santé"] == "Sans porc"


# --- Les effectifs -------------------------------------------------------------------------------------------------
def test_les_effectifs_de_la_semaine_et_les_repas_par_regime(client, seance):
    attendu(seance, "Hugo", sante={"regime": "sans_porc"})
    attendu(seance, "Lina", sante={"panier_repas": True, "pai": "x"})
    attendu(seance, "Zoé", sante={"allergies": "œuf"})
    soir = f.seance(f.activite(site=seance.activite.site, nom="Soir", genre="soir"), JOUR)
    attendu(soir, "Max")
    jeudi = f.seance(seance.activite, dt.date(2026, 11, 26), ouverte=False, motif="grève")
    attendu(jeudi, "Inès")
    html = re.sub(r"\s+", " ", client.get(reverse("presences:effectifs")).content.decode())
    assert re.search(r'À servir</th><td class="nombre">2</td><td class="nombre">–</td>', html)
    assert re.search(r'Ordinaire</th><td class="nombre">1</td>', html)
    assert re.search(r'Panier apporté</th><td class="nombre">1</td>', html)
    assert re.search(r'Dont allergies</th><td class="nombre">1</td>', html)
    assert "annulée" in html
    entetes, *lignes = lignes_csv(client.get(reverse("presences:effectifs_csv")))
    midi, greve, du_soir = (dict(zip(entetes, ligne, strict=True)) for ligne in lignes)
    assert (midi["Réservés"], midi["Repas ordinaire"], midi["Repas sans porc"], midi["PAI"]) == ("3", "1", "1", "1")
    assert (greve["A lieu"], du_soir["Réservés"], du_soir["Repas ordinaire"]) == ("non", "1", "")


def test_les_effectifs_d_un_seul_site_et_d_une_autre_semaine(client, seance):
    attendu(seance)
    ailleurs = service(site=f.ecole(nom="Limbre"), nom="Cantine de Limbre")
    attendu(ailleurs)
    html = client.get(reverse("presences:effectifs"), {"site": ailleurs.activite.site_id}).content.decode()
    assert "Cantine de Limbre" in html
    assert ">Restauration" not in html
    html = client.get(reverse("presences:effectifs"), {"jour": "2026-11-30"}).content.decode()
    assert "Aucune séance cette semaine" in html


# --- Les écarts ----------------------------------------------------------------------------------------------------
def test_les_ecarts_du_jour(client, seance, nadia):
    venu, absent, excuse, _ = (attendu(seance, p) for p in ("Venu", "Absent", "Excusé", "Oublié"))
    actions.pointer(venu, seance, "present", nadia, MIDI)
    actions.pointer(absent, seance, "absent", nadia, MIDI)
    actions.pointer(excuse, seance, "excuse", nadia, MIDI)
    actions.accueillir(f.enfant(prenom="Ajouté", ecole=seance.activite.site), seance, "Appel de 8 h", nadia, MIDI)
    annule = attendu(seance, "Annulé")
    actions.pointer(annule, seance, "present", nadia, MIDI)
    annule.reservations.update(etat="annulee")
    html = re.sub(r"\s+", " ", client.get(reverse("presences:ecarts")).content.decode())
    for morceau in ("Jamais pointés</span> 1", "Réservés, absents</span> 1", "Réservés, excusés</span> 1",
                    "Venus sans réservation</span> 2", "Appel de 8 h", "Sa réservation est annulée."):  # fmt: skip
        assert morceau in html
    _, *lignes = lignes_csv(client.get(reverse("presences:ecarts_csv")))
    assert sorted((ligne[4], ligne[6]) for ligne in lignes) == [
        ("Absent", "réservé, absent"), ("Ajouté", "présent, ajouté ou sans réservation"),
        ("Annulé", "présent, ajouté ou sans réservation"), ("Excusé", "réservé, excusé"),
        ("Oublié", "réservé, jamais pointé"),
    ]  # fmt: skip


def test_sans_ecart_on_le_dit_et_avant_l_appel_on_ne_nomme_personne(client, seance, nadia):
    hugo = attendu(seance)
    assert "L'appel n'a pas été fait." in client.get(reverse("presences:ecarts")).content.decode()
    actions.pointer(hugo, seance, "present", nadia, MIDI)
    assert "Aucun écart." in client.get(reverse("presences:ecarts")).content.decode()
