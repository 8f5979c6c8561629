"""Les activités et les inscriptions vues de la mairie."""

import datetime as dt

import pytest
import tablib
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from inscriptions.models import Activite, Inscription
from tests import fabriques as f
from tests.beaucoup import copies, enfants, foyers, memes_requetes

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def marie(client):
    marie = f.agent("Périscolaire", prenom="Marie", nom="AUGER")
    f.commune()
    client.force_login(marie)
    return marie


def liste(client, **filtres):
    reponse = client.get(reverse("admin:inscriptions_inscription_changelist"), filtres)
    assert reponse.status_code == 200
    return reponse


def demande(nom="LA STAR", **champs):
    return f.inscription(
        f.enfant(f.famille(nom=nom)), champs.pop("activite", None) or f.activite(), etat="demandee", **champs
    )


def decider(client, inscription, **donnees):
    return client.post(reverse("admin:inscriptions_inscription_decider", args=[inscription.pk]), donnees)


# --- Activités -----------------------------------------------------------------------------------------------------
def fiche(activite, **champs):
    return {
        "nom": activite.nom, "genre": "midi", "site": activite.site_id, "jours": ["0", "2"], "heure_debut": "12:00",
        "heure_fin": "13:30", "classes": ["cp"], "ordre": 0, "active": "on", "place_liberee": "aucune",
        "delai_offre": 24, "excuse_jours": 31, "conditions-TOTAL_FORMS": 0, "conditions-INITIAL_FORMS": 0,
    } | champs  # fmt: skip


def test_les_jours_se_cochent_et_les_delais_se_relisent(client):
    activite = f.activite()
    adresse = reverse("admin:inscriptions_activite_change", args=[activite.pk])
    html = client.get(adresse).content.decode()
    assert html.count('type="checkbox" name="jours"') == 7
    assert "jusqu&#x27;à la veille 23\u00a0h\u00a059" in html
    reponse = client.post(adresse, fiche(activite), follow=True)
    activite.refresh_from_db()
    assert (activite.jours, activite.classes) == ([0, 2], ["cp"])
    assert "Les limites des séances à venir se recalculent" in reponse.content.decode()
    f.delai(activite, decompte="ouverture", nombre=2, heure=dt.time(12))
    html = client.get(adresse).content.decode()
    assert "On réserve jusqu&#x27;à 2 jours d&#x27;ouverture avant, 12\u00a0h" in html


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"jours": []}, "Ce champ est obligatoire."),
        ({"age_min": 6, "age_max": 3}, "âge maximum ne peut pas être inférieur"),
        ({"heure_fin": "11:00"}, "doit finir après avoir commencé"),
    ],
)
def test_une_activite_impossible_se_refuse_avec_sa_phrase(client, champs, phrase):
    activite = f.activite()
    html = client.post(reverse("admin:inscriptions_activite_change", args=[activite.pk]), fiche(activite) | champs)
    assert phrase in html.content.decode()


def test_copier_vers_d_autres_ecoles(client):
    activite = f.activite(nom="Restauration", capacite=80)
    activite.pieces.add(f.type_piece())
    une, autre = f.ecole(nom="Limbre"), f.ecole(nom="République")
    f.activite(nom="Restauration", site=autre)
    adresse = reverse("admin:inscriptions_activite_copier", args=[activite.pk])
    html = client.get(adresse).content.decode()
    assert "Limbre" in html
    assert f'value="{autre.pk}"' not in html, "elle a déjà une activité de ce nom"
    client.post(adresse, {"ecoles": [une.pk]})
    copie = Activite.objects.get(site=une)
    assert (copie.nom, copie.capacite, copie.jours, copie.pieces.count()) == ("Restauration", 80, [0, 1, 3, 4], 1)
    assert Activite.objects.count() == 3


def test_la_liste_des_activites_compte_inscrits_et_demandes(client):
    activite = f.activite(inscriptions_max=40)
    f.inscription(f.enfant(), activite)
    demande(activite=activite)
    html = client.get(reverse("admin:inscriptions_activite_changelist")).content.decode()
    assert "1 / 40" in html
    assert f"activite__id__exact={activite.pk}" in html


# --- Inscriptions --------------------------------------------------------------------------------------------------
def test_chercher_sans_accents_ni_casse(client):
    demande(nom="GÉRARD")
    demande(nom="DUPONT")
    html = liste(client, q="gerard hugo").content.decode()
    assert "GÉRARD" in html
    assert "DUPONT" not in html


def test_la_page_de_decision_dit_ce_qui_s_y_oppose(client):
    activite = f.activite(site=f.ecole(), age_max=5, inscriptions_max=1)
    f.inscription(f.enfant(), activite)
    f.type_piece(nom="Livret de famille")
    inscription = demande(activite=activite)
    html = client.get(reverse("admin:inscriptions_inscription_decider", args=[inscription.pk])).content.decode()
    for morceau in ("Cette activité s&#x27;arrête à", "Livret de famille : pas envoyée", "les 1 places sont prises"):
        assert morceau in html


def test_decider_mene_a_la_demande_suivante(client, marie):
    premiere = demande(demandee_le=f.a_paris(2026, 8, 20))
    seconde = demande(demandee_le=f.a_paris(2026, 8, 21))
    reponse = decider(client, premiere, etat="validee", motif="")
    assert reponse["Location"] == reverse("admin:inscriptions_inscription_decider", args=[seconde.pk])
    reponse = decider(client, seconde, etat="refusee", motif="Complet.")
    assert reponse["Location"] == reverse("admin:inscriptions_inscription_changelist")
    assert list(Inscription.objects.order_by("pk").values_list("etat", flat=True)) == ["validee", "refusee"]
    assert LogEntry.objects.filter(user=marie).count() == 2


def test_refuser_sans_motif_garde_la_page(client):
    inscription = demande()
    reponse = decider(client, inscription, etat="refusee", motif="")
    assert "Dites à la famille pourquoi vous refusez." in reponse.content.decode()
    inscription.refresh_from_db()
    assert inscription.etat == "demandee"


def test_accepter_en_nombre(client, courriels):
    activite = f.activite()
    trois = [demande(activite=activite) for _ in range(3)]
    client.post(reverse("admin:inscriptions_inscription_changelist"), {
        "action": "accepter", "_selected_action": [i.pk for i in trois],
    })  # fmt: skip
    assert Inscription.objects.filter(etat="validee").count() == 3
    assert len(courriels()) == 3


def test_accepter_en_nombre_refuse_tout_si_une_place_manque(client):
    activite = f.activite(inscriptions_max=2)
    trois = [demande(activite=activite) for _ in range(3)]
    reponse = client.post(reverse("admin:inscriptions_inscription_changelist"), {
        "action": "accepter", "_selected_action": [i.pk for i in trois],
    }, follow=True)  # fmt: skip
    assert "Aucune n&#x27;a été acceptée." in reponse.content.decode()
    assert not Inscription.objects.filter(etat="validee").exists()


def test_inscrire_d_office_au_guichet(client, marie):
    petit, activite, an = f.enfant(), f.activite(), f.annee()
    adresse = reverse("admin:inscriptions_inscription_add")
    donnees = {"enfant": petit.pk, "famille": petit.familles.get().pk, "activite": activite.pk, "annee": an.pk,
               "debut": "2026-09-14"}  # fmt: skip
    assert client.get(adresse).status_code == 200
    assert client.post(adresse, donnees).status_code == 302
    inscription = Inscription.objects.get()
    assert (inscription.etat, inscription.decidee_par, inscription.fin) == ("validee", marie, an.fin)
    assert "est déjà inscrit" in client.post(adresse, donnees).content.decode()
    ailleurs = donnees | {"famille": f.famille().pk, "activite": f.activite().pk}
    assert "pas rattaché à ce foyer" in client.post(adresse, ailleurs).content.decode()
    assert Inscription.objects.count() == 1


def test_terminer_meme_dans_le_passe(client):
    inscription = f.inscription(f.enfant(), f.activite())
    adresse = reverse("admin:reservations_fin_inscription", args=[inscription.pk])
    client.post(adresse, {"fin": "2026-09-15"})
    inscription.refresh_from_db()
    assert inscription.fin == dt.date(2026, 9, 15)


@pytest.mark.parametrize(("format", "lire"), [("0", "csv"), ("1", "ods")])
def test_exporter_en_csv_et_en_ods_sans_formule(client, format, lire):
    demande(nom="=HYPERLINK(1)")
    adresse = reverse("admin:inscriptions_inscription_export")
    champs = {f"inscriptionresource_{nom}": "on" for nom in ("nom", "prenom", "activite", "etat")}
    reponse = client.post(adresse, {"format": format, "resource": "", **champs})
    assert reponse.status_code == 200
    table = tablib.Dataset().load(
        reponse.content.decode("utf-8-sig") if lire == "csv" else reponse.content, format=lire,
        **({"delimiter": ";"} if lire == "csv" else {}),
    )  # fmt: skip
    assert not str(table.dict[0]["Nom"]).startswith("=")
    assert table.dict[0]["État"] == "demandée"


def test_le_nombre_de_requetes_de_la_liste_est_constant(client):
    inscription = demande()
    demande()  # dès deux activités, un filtre de plus
    with memes_requetes(lambda: liste(client), au_plus=60):
        familles = foyers()
        copies(inscription, enfant=enfants(familles), famille=familles)


@pytest.mark.parametrize("groupe", ["Régie", "Agents"])
def test_la_regie_lit_mais_ne_decide_pas_l_agent_n_entre_pas(client, groupe):
    inscription = demande()
    client.force_login(f.agent(groupe))
    page = client.get(reverse("admin:inscriptions_inscription_changelist"))
    assert page.status_code in ([200] if groupe == "Régie" else [302, 403])
    assert decider(client, inscription, etat="validee", motif="").status_code in (302, 403)
    inscription.refresh_from_db()
    assert inscription.etat == "demandee"
