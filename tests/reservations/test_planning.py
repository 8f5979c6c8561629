"""Les pages du planning, par le client : sans JavaScript, par la famille, et seulement la sienne."""

import datetime as dt
import time

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from reservations.actions import ouvrir_seances
from reservations.models import Mouvement, Reservation, Seance
from tests import fabriques as f

LUNDI = dt.date(2026, 9, 7)
JEUDI_D_AVANT = f.a_paris(2026, 9, 3, 18)


@pytest.fixture(autouse=True)
def jeudi(db):
    """Il est 18 h à Paris, le jeudi 3 septembre 2026 ; le serveur se croit à Tokyo."""
    with time_machine.travel(JEUDI_D_AVANT, tick=False):
        yield


class Decor:
    def __init__(self, **activite):
        f.commune()
        self.foyer = f.famille()
        self.hugo = f.enfant(self.foyer)
        self.cantine = f.activite(site=self.hugo.ecole, nom="Restauration", **activite)
        f.inscription(self.hugo, self.cantine)
        self.lundi, self.mardi, self.jeudi, self.vendredi = (
            f.seance(self.cantine, LUNDI + dt.timedelta(days=n)) for n in (0, 1, 3, 4)
        )
        self.page = reverse("reservations:planning_enfant", args=[self.hugo.pk]) + f"?jour={LUNDI}"


@pytest.fixture
def decor():
    return Decor()


@pytest.fixture
def famille(client, decor):
    client.force_login(decor.foyer.compte)
    return client


def texte(reponse):
    return reponse.content.decode().replace("\u00a0", " ").replace("&#x27;", "'")


def cochee(page, decor, seance):
    """La case de Hugo se montre-t-elle cochée ?"""
    return page.split(f'value="{cle(decor.hugo, seance)}"')[1].split(">")[0].endswith("checked")


def etats():
    return dict(Reservation.objects.order_by("seance__jour").values_list("seance__jour", "etat"))


def envoyer(client, decor, vu, coches, **autres):
    coches = [cle(decor.hugo, s) for s in coches]
    return client.post(decor.page, {"vu": vu, "case": coches, **autres}, follow=True)


def cle(enfant, seance):
    return f"{enfant.pk}-{seance.pk}"


def vu(enfant, *seances, reservees=()):
    return " ".join(f"{cle(enfant, s)}{'+' if s in reservees else ''}" for s in seances)


# --- La semaine ---------------------------------------------------------------------------------------------------
def test_la_semaine_dit_ses_jours_ses_heures_et_ses_limites(famille, decor):
    page = texte(famille.get(decor.page))
    assert "<h1>Planning de Hugo</h1>" in page
    assert "7 – 13 septembre 2026" in page
    assert "12 h – 13 h 30" in page
    assert "jusqu'à dimanche 23 h 59" in page
    assert page.count('type="checkbox"') == 4
    assert page.count('scope="col"') == 5  # cinq jours : rien n'a lieu le week-end
    assert "Toute réservation non excusée par écrit sera facturée." in page


def test_sans_javascript_on_coche_on_enregistre_et_la_page_le_montre(famille, decor, courriels):
    page = texte(envoyer(famille, decor, vu(decor.hugo, decor.lundi, decor.mardi), [decor.mardi]))
    assert etats() == {decor.mardi.jour: "reservee"}
    assert "1 réservation enregistrée." in page
    assert "Voir le reçu" in page
    assert cochee(page, decor, decor.mardi)
    assert len(courriels()) == 1


def test_decocher_annule(famille, decor):
    f.reservation(decor.hugo, decor.lundi)
    page = texte(envoyer(famille, decor, vu(decor.hugo, decor.lundi, reservees=[decor.lundi]), []))
    assert etats() == {decor.lundi.jour: "annulee"}
    assert "1 annulation enregistrée." in page


def test_enregistrer_sans_rien_changer_le_dit(famille, decor):
    assert "Rien n'a changé" in texte(envoyer(famille, decor, vu(decor.hugo, decor.lundi), []))
    assert Mouvement.objects.count() == 0


def test_un_refus_n_enregistre_rien_nomme_la_case_et_garde_les_autres_cochees(famille, decor, courriels):
    decor.mardi.capacite = 0
    decor.mardi.save()
    reponse = envoyer(famille, decor, vu(decor.hugo, decor.lundi, decor.mardi), [decor.lundi, decor.mardi])
    page = texte(reponse)
    assert reponse.redirect_chain == []
    assert etats() == {}
    assert courriels() == []
    assert "1 case refusée : rien n'est encore enregistré" in page
    assert f'<a href="#c{cle(decor.hugo, decor.mardi)}">Restauration du mardi 8 septembre : complet' in page
    assert cochee(page, decor, decor.lundi)

    # La page rendue, envoyée telle quelle, enregistre le reste.
    suite = texte(envoyer(famille, decor, reponse.context["semaine"].vu, [decor.lundi]))
    assert "1 réservation enregistrée." in suite
    assert etats() == {decor.lundi.jour: "reservee"}


def test_un_onglet_ancien_ne_defait_rien_et_dit_ce_qui_a_change_ailleurs(famille, decor):
    f.reservation(decor.hugo, decor.lundi)  # depuis un autre écran ; celui-ci montrait lundi libre
    page = texte(envoyer(famille, decor, vu(decor.hugo, decor.lundi, decor.mardi), [decor.mardi]))
    assert etats() == {decor.lundi.jour: "reservee", decor.mardi.jour: "reservee"}
    assert "un autre écran avait changé : Hugo, Restauration du lundi 7 septembre (réservé)" in page


@pytest.mark.parametrize("abime", ["abc", "12 ; DROP", "12++x", "+", "1-2-3", "9" * 40 + "-1"])
def test_une_page_abimee_n_enregistre_rien(famille, decor, abime):
    page = texte(envoyer(famille, decor, abime, [decor.lundi]))
    assert "La page est arrivée abîmée" in page
    assert etats() == {}


@pytest.mark.parametrize("inventee", ["1-0", "0-1", "1-123456789", "99999999999-123456789"])
def test_une_case_inventee_est_refusee_et_rien_n_est_ecrit(famille, decor, inventee):
    envoi = {"vu": vu(decor.hugo, decor.lundi), "case": [cle(decor.hugo, decor.lundi), inventee]}
    assert "Une des cases n'existe pas ou n'existe plus" in texte(famille.post(decor.page, envoi))
    assert etats() == {}


def test_un_prix_ou_un_etat_ajoutes_au_formulaire_ne_changent_rien(famille, decor):
    autres = {"prix": "0", "etat": "attente", "hors_delai": "1", "famille": "999"}
    envoyer(famille, decor, vu(decor.hugo, decor.lundi), [decor.lundi], **autres)
    [reservation] = Reservation.objects.all()
    assert (reservation.etat, reservation.hors_delai, reservation.famille) == ("reservee", False, decor.foyer)


def test_la_seance_d_une_activite_ou_l_on_n_est_pas_inscrit_est_refusee(famille, decor):
    ailleurs = f.seance(f.activite(), LUNDI)
    page = texte(envoyer(famille, decor, vu(decor.hugo, decor.lundi), [ailleurs]))
    assert "Hugo n'y est pas inscrit ce jour-là" in page
    assert etats() == {}


@pytest.mark.parametrize("jour", ["", "nimporte", "2026-13-45", "0001-01-01", "9999-12-31"])
def test_une_date_impossible_montre_la_semaine_en_cours(famille, decor, jour):
    page = famille.get(decor.page.split("?")[0], {"jour": jour})
    assert page.status_code == 200
    assert "31 août – 6 septembre 2026" in texte(page)


def test_le_samedi_s_ouvre_la_semaine_qui_suit(famille, decor):
    with time_machine.travel(f.a_paris(2026, 9, 5, 9), tick=False):
        assert "7 – 13 septembre 2026" in texte(famille.get(decor.page.split("?")[0]))


def test_avant_la_rentree_s_ouvre_la_semaine_de_la_rentree(famille, decor):
    with time_machine.travel(f.a_paris(2026, 8, 20, 9), tick=False):
        assert "31 août – 6 septembre 2026" in texte(famille.get(decor.page.split("?")[0]))


def test_pendant_les_vacances_la_page_dit_la_reprise(famille, decor):
    f.jour_ferme(dt.date(2026, 10, 17), dt.date(2026, 11, 1), libelle="Vacances de la Toussaint", motif="vacances")
    page = texte(famille.get(decor.page.split("?")[0], {"jour": "2026-10-21"}))
    assert "Vacances de la Toussaint" in page
    assert "?jour=2026-11-02" in page


def test_chaque_etat_se_dit_par_un_mot(famille, decor):
    a_23_h_59 = f.a_paris(2026, 9, 7, 0)
    etats = {decor.mardi: "complet", decor.jeudi: "ferme", decor.vendredi: "excuse"}
    decor.mardi.capacite = 0
    decor.mardi.save()
    decor.jeudi.ouverte, decor.jeudi.motif = False, "Grève <nationale>"
    decor.jeudi.save()
    f.excuse(f.reservation(decor.hugo, decor.vendredi))
    with time_machine.travel(a_23_h_59, tick=False):
        page = texte(famille.get(decor.page))
    for seance, classe in etats.items():
        assert f"case-{classe}" in page, seance
    assert "Trop tard" in page  # lundi, à minuit pile
    assert "Grève &lt;nationale&gt;" in page
    assert "Excuse envoyée" in page


def test_un_jour_reserve_que_l_on_ne_peut_plus_annuler_s_excuse(famille, decor):
    reservation = f.reservation(decor.hugo, decor.lundi)
    with time_machine.travel(f.a_paris(2026, 9, 7, 8), tick=False):
        page = texte(famille.get(decor.page))
    assert reverse("reservations:excuser", args=[reservation.pk]) in page
    assert f'value="{cle(decor.hugo, decor.lundi)}"' not in page


@pytest.fixture
def serveur_ailleurs(monkeypatch):
    """La machine se croit à Tokyo, à Honolulu… : seule compte l'heure de Paris."""

    def partir(zone):
        monkeypatch.setenv("TZ", zone)
        time.tzset()

    yield partir
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "Pacific/Honolulu", "UTC", "Europe/Paris"])
@pytest.mark.parametrize(
    ("jour", "derniere_seconde", "minuit"),
    [
        (dt.date(2026, 9, 7), f.a_paris(2026, 9, 6, 23, 59, 59), f.a_paris(2026, 9, 7, 0)),
        # L'heure recule dans la nuit du 24 au 25 octobre 2026, avance dans celle du 27 au 28 mars 2027.
        (dt.date(2026, 10, 25), f.a_paris(2026, 10, 24, 23, 59, 59), f.a_paris(2026, 10, 25, 0)),
        (dt.date(2026, 10, 26), f.a_paris(2026, 10, 25, 23, 59, 59), f.a_paris(2026, 10, 26, 0)),
        (dt.date(2027, 3, 28), f.a_paris(2027, 3, 27, 23, 59, 59), f.a_paris(2027, 3, 28, 0)),
        (dt.date(2027, 3, 29), f.a_paris(2027, 3, 28, 23, 59, 59), f.a_paris(2027, 3, 29, 0)),
    ],
    ids=["un dimanche", "avant l'heure d'hiver", "après l'heure d'hiver", "avant l'heure d'été", "après l'heure d'été"],
)
def test_la_limite_tombe_a_minuit_a_paris_ou_que_soit_le_serveur(
    client, serveur_ailleurs, zone, jour, derniere_seconde, minuit
):
    decor = Decor(jours=list(range(7)))
    annee = f.annee()
    Seance.objects.all().delete()
    ouvrir_seances(annee)
    seance = Seance.objects.get(jour=jour)
    serveur_ailleurs(zone)
    with time_machine.travel(minuit, tick=False):
        client.force_login(decor.foyer.compte)
        assert "trop tard, on pouvait réserver jusqu'à hier 23 h 59" in texte(
            envoyer(client, decor, vu(decor.hugo, seance), [seance])
        )
        assert etats() == {}
    with time_machine.travel(derniere_seconde, tick=False):
        assert "1 réservation enregistrée" in texte(envoyer(client, decor, vu(decor.hugo, seance), [seance]))
    with time_machine.travel(minuit, tick=False):
        client.force_login(decor.foyer.compte)
        assert "trop tard pour annuler" in texte(envoyer(client, decor, vu(decor.hugo, seance, reservees=[seance]), []))
    assert etats() == {jour: "reservee"}


def test_un_enfant_ajoute_sur_place_sans_inscription_se_voit_et_s_excuse(famille, decor):
    ajoutee = f.reservation(decor.hugo, f.seance(f.activite(nom="Étude"), LUNDI))
    with time_machine.travel(f.a_paris(2026, 9, 7, 18), tick=False):
        page = texte(famille.get(decor.page))
    assert "Étude" in page
    assert reverse("reservations:excuser", args=[ajoutee.pk]) in page


# --- Entrer ---------------------------------------------------------------------------------------------------------
def test_un_seul_enfant_ouvre_son_planning(famille, decor):
    reponse = famille.get(reverse("reservations:planning"))
    assert reponse.url == reverse("reservations:planning_enfant", args=[decor.hugo.pk])


PAGES = ["planning_enfant", "planning_mois", "planning_annee", "periode", "journal"]


@pytest.mark.parametrize("nom", PAGES)
def test_l_enfant_d_une_autre_famille_n_existe_pas(client, decor, nom):
    client.force_login(f.famille().compte)
    adresse = reverse(f"reservations:{nom}", args=[decor.hugo.pk])
    assert client.get(adresse).status_code == 404
    assert client.post(adresse, {"case": [cle(decor.hugo, decor.lundi)]}).status_code in (404, 405)
    assert etats() == {}


def test_le_recu_et_l_excuse_d_une_autre_famille_n_existent_pas(client, decor):
    client.force_login(decor.foyer.compte)
    envoyer(client, decor, vu(decor.hugo, decor.lundi), [decor.lundi])
    mouvement = Mouvement.objects.get()
    recu = reverse("reservations:recu", args=[mouvement.lot])
    excuse = reverse("reservations:excuser", args=[mouvement.reservation_id])
    assert (client.get(recu).status_code, client.get(excuse).status_code) == (200, 200)
    client.force_login(f.famille().compte)
    assert (client.get(recu).status_code, client.get(excuse).status_code) == (404, 404)


@pytest.mark.parametrize("nom", PAGES)
def test_un_inconnu_va_a_la_connexion(client, decor, nom):
    reponse = client.get(reverse(f"reservations:{nom}", args=[decor.hugo.pk]))
    assert reponse.status_code == 302
    assert reponse.url.startswith(reverse("connexion"))


def test_un_adulte_qui_a_quitte_le_foyer_ne_voit_plus_rien(famille, decor):
    decor.foyer.adultes.update(fin=dt.date(2026, 9, 1))
    assert famille.get(decor.page).status_code == 404


# --- Le mois, l'année -----------------------------------------------------------------------------------------------
def test_le_mois_montre_ce_qui_est_reserve(famille, decor):
    f.reservation(decor.hugo, decor.lundi)
    page = texte(famille.get(reverse("reservations:planning_mois", args=[decor.hugo.pk]), {"jour": "2026-09-15"}))
    assert "Septembre 2026" in page
    assert "<b>1</b> réservation en septembre 2026" in page
    assert "Restauration" in page
    assert f"?jour={LUNDI}" in page


def test_l_annee_compte_chaque_activite(famille, decor):
    f.reservation(decor.hugo, decor.lundi)
    f.reservation(decor.hugo, decor.mardi)
    page = texte(famille.get(reverse("reservations:planning_annee", args=[decor.hugo.pk])))
    assert "Année 2026-2027" in page
    assert 'class="plein">7<span class="sr"> tout réservé' in page
    assert "2 réservations" in page


# --- Le journal et le reçu ------------------------------------------------------------------------------------------
def test_le_journal_dit_qui_quoi_et_quand(famille, decor):
    envoyer(famille, decor, vu(decor.hugo, decor.lundi, decor.mardi), [decor.lundi, decor.mardi])
    page = texte(famille.get(reverse("reservations:journal", args=[decor.hugo.pk])))
    assert "jeudi 3 septembre 2026, 18 h 00" in page
    assert "par vous" in page
    assert "lun. 7, mar. 8" in page


def test_le_recu_se_lit_et_porte_son_numero(famille, decor):
    envoyer(famille, decor, vu(decor.hugo, decor.lundi), [decor.lundi])
    mouvement = Mouvement.objects.get()
    page = texte(famille.get(reverse("reservations:recu", args=[mouvement.lot])))
    assert f"<h1>Reçu {mouvement.numero}</h1>" in page
    assert str(mouvement.lot) in page


# --- Autant de requêtes pour une activité que pour trente -------------------------------------------------------------
ADRESSES = [
    ("planning_enfant", 8),
    ("planning_mois", 8),
    ("planning_annee", 10),
    ("periode", 8),
    ("journal", 8),
]


def noter(reservation):
    Mouvement.objects.create(reservation=reservation, apres="reservee", origine="parent", instant=JEUDI_D_AVANT)


@pytest.mark.parametrize(("nom", "plafond"), ADRESSES)
def test_autant_de_requetes_pour_une_activite_que_pour_trente(famille, decor, nom, plafond):
    """Trente et non trois cents : aucun enfant n'a tant d'activités."""
    adresse = reverse(f"reservations:{nom}", args=[decor.hugo.pk]) + f"?jour={LUNDI}"

    noter(f.reservation(decor.hugo, decor.lundi))

    def requetes():
        famille.get(adresse)  # ce qui se garde une minute en mémoire est chaud
        with CaptureQueriesContext(connection) as contexte:
            assert famille.get(adresse).status_code == 200
        return len(contexte)

    une = requetes()
    for _ in range(29):
        autre = f.activite(site=decor.hugo.ecole, capacite=20)
        f.inscription(decor.hugo, autre)
        for n in (0, 1, 3, 4):
            noter(f.reservation(decor.hugo, f.seance(autre, LUNDI + dt.timedelta(days=n))))
    assert (requetes(), une <= plafond) == (une, True)
