"""Réserver une période : voir d'abord ce qui sera fait, puis n'enregistrer que cela."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from commune.regles import jours
from reservations.models import Reservation
from tests import fabriques as f

RENTREE, FIN = dt.date(2026, 9, 1), dt.date(2026, 10, 16)


@pytest.fixture(autouse=True)
def jeudi(db):
    with time_machine.travel(f.a_paris(2026, 9, 3, 18), tick=False):
        yield


class Decor:
    """Hugo à la cantine et au soir, de la rentrée à la Toussaint."""

    def __init__(self):
        f.commune()
        self.foyer = f.famille()
        self.hugo = f.enfant(self.foyer)
        self.cantine = f.activite(site=self.hugo.ecole, nom="Restauration")
        self.soir = f.activite(site=self.hugo.ecole, nom="Soir", heure_debut=dt.time(16), heure_fin=dt.time(19))
        self.seances = {}
        for activite in (self.cantine, self.soir):
            f.inscription(self.hugo, activite, fin=FIN)
            for jour in jours(RENTREE, FIN):
                if jour.weekday() in activite.jours:
                    self.seances[activite.nom, jour] = f.seance(activite, jour)
        self.page = reverse("reservations:periode", args=[self.hugo.pk])

    def formulaire(self, **champs):
        return {
            "faire": "reserver", "jours": self.jours(0, 3), "du": "2026-09-07", "au": "2026-09-20",
        } | champs  # fmt: skip

    def jours(self, *jours, activite=None):
        return [f"{self.hugo.pk}-{(activite or self.cantine).pk}-{jour}" for jour in jours]


@pytest.fixture
def decor(client):
    decor = Decor()
    client.force_login(decor.foyer.compte)
    return decor


def texte(reponse):
    return reponse.content.decode().replace("\u00a0", " ").replace("&#x27;", "'")


def reservees():
    return sorted(
        Reservation.objects.reservees().values_list("seance__activite__nom", "seance__jour"), key=lambda r: (r[1], r[0])
    )


def test_l_apercu_dit_tout_et_n_enregistre_rien(client, decor):
    page = texte(client.post(decor.page, decor.formulaire()))
    assert "4 réservations" in page
    assert "lun. 7, jeu. 10, lun. 14, jeu. 17" in page
    assert reservees() == []


def test_confirmer_enregistre_ce_que_l_apercu_annoncait_en_un_courriel(client, decor, courriels):
    apercu = client.post(decor.page, decor.formulaire())
    envoi = decor.formulaire(retenues=apercu.context["apercu"]["retenues"], confirmer="oui")
    fait = client.post(decor.page, envoi, follow=True)
    assert "4 réservations enregistrées" in texte(fait)
    assert [jour.day for _, jour in reservees()] == [7, 10, 14, 17]
    assert len(courriels()) == 1
    # Un second clic n'écrit ni n'envoie rien.
    assert "Rien n'a changé" in texte(client.post(decor.page, envoi, follow=True))
    assert courriels() == []


def test_ce_qui_ne_se_peut_pas_est_nomme_et_le_reste_s_enregistre(client, decor):
    plein = decor.seances["Restauration", dt.date(2026, 9, 10)]
    plein.capacite = 0
    plein.save()
    apercu = client.post(decor.page, decor.formulaire())
    page = texte(apercu)
    assert "3 réservations" in page
    assert "1 jour impossible" in page
    assert "Restauration du jeudi 10 septembre : complet, il n'y a plus de place." in page
    client.post(decor.page, decor.formulaire(retenues=apercu.context["apercu"]["retenues"], confirmer="oui"))
    assert [jour.day for _, jour in reservees()] == [7, 14, 17]


def test_une_place_partie_depuis_l_apercu_arrete_tout_et_se_nomme(client, decor):
    apercu = client.post(decor.page, decor.formulaire())
    plein = decor.seances["Restauration", dt.date(2026, 9, 10)]
    plein.capacite = 0
    plein.save()
    suite = client.post(decor.page, decor.formulaire(retenues=apercu.context["apercu"]["retenues"], confirmer="oui"))
    assert "Rien n'est encore enregistré : 1 jour devenu impossible" in texte(suite)
    assert reservees() == []
    assert suite.context["apercu"]["nombre"] == 3


def test_annuler_une_periode_ne_touche_que_ce_qui_est_reserve(client, decor):
    for jour in (7, 8, 10, 21):
        f.reservation(decor.hugo, decor.seances["Restauration", dt.date(2026, 9, jour)])
    f.reservation(decor.hugo, decor.seances["Soir", dt.date(2026, 9, 7)])
    envoi = decor.formulaire(faire="annuler")
    apercu = client.post(decor.page, envoi)
    assert "2 annulations" in texte(apercu)
    client.post(decor.page, envoi | {"retenues": apercu.context["apercu"]["retenues"], "confirmer": "oui"})
    assert [(nom, jour.day) for nom, jour in reservees()] == [("Soir", 7), ("Restauration", 8), ("Restauration", 21)]


def test_toute_l_annee_part_de_demain_et_s_arrete_a_l_inscription(client, decor):
    page = texte(client.get(decor.page))
    assert 'value="2026-09-04"' in page
    assert 'value="2026-10-16"' in page
    apercu = client.post(decor.page, decor.formulaire(jours=decor.jours(0, 1, 3, 4), du="2026-01-01", au="2027-12-31"))
    # Le jeudi 3, passé 23:59 la veille, est trop tard ; du 4 septembre au 16 octobre il reste 25 jours.
    assert apercu.context["apercu"]["nombre"] == 25
    assert "trop tard" in texte(apercu)


def test_les_raccourcis_remplissent_les_dates(client, decor):
    f.jour_ferme(dt.date(2026, 10, 17), dt.date(2026, 11, 1), libelle="Vacances de la Toussaint", motif="vacances")
    page = texte(client.get(decor.page))
    assert "La semaine prochaine" in page
    assert "Toute l'année" in page
    rempli = texte(client.get(decor.page, {"du": "2026-09-14", "au": "2026-09-20"}))
    assert 'value="2026-09-14"' in rempli
    assert client.get(decor.page, {"du": "demain", "au": "2026-13-99"}).status_code == 200


def test_plusieurs_activites_ne_se_cochent_pas_d_avance(client, decor):
    assert client.get(decor.page).context["form"]["jours"].value() == []


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"jours": []}, "Choisissez au moins un jour."),
        ({"du": "2026-09-20", "au": "2026-09-07"}, "La fin de la période vient avant son début."),
        ({"jours": ["999999-1-1"]}, "999999"),
        ({"faire": "voler"}, "voler"),
    ],
)
def test_un_formulaire_faux_revient_avec_sa_phrase(client, decor, champs, phrase):
    page = texte(client.post(decor.page, decor.formulaire(**champs)))
    assert phrase in page
    assert "Ce qui sera fait</h2>" not in page


def test_modifier_revient_au_formulaire_rempli(client, decor):
    page = texte(client.post(decor.page, decor.formulaire(modifier="oui")))
    assert "Voir ce qui sera fait" in page
    assert 'value="2026-09-20"' in page


def test_retenir_une_seance_hors_de_la_periode_ne_la_reserve_pas(client, decor):
    ailleurs = decor.seances["Soir", dt.date(2026, 9, 8)]
    client.post(decor.page, decor.formulaire(retenues=f"{decor.hugo.pk}-{ailleurs.pk} x", confirmer="oui"))
    assert reservees() == []


def test_sans_inscription_il_n_y_a_rien_a_reserver(client, decor):
    decor.hugo.inscriptions.update(etat="attente")
    assert "Rien à réserver" in texte(client.get(decor.page))
