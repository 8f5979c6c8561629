"""Le calendrier ou les jours d'une activité changent : les limites des séances à venir suivent, sans qu'on y pense."""

import datetime as dt

import pytest
from django.urls import reverse

from commune.models import JourFerme
from commune.regles import PARIS
from inscriptions.models import Activite
from inscriptions.regles import ACTIVITE, OUVERTURE, OUVRES, heure_dite
from reservations import regles
from reservations.actions import ouvrir_seances, recalculer, simuler
from reservations.models import Seance
from tests import fabriques as f
from tests.conftest import travailler

D = dt.date
OCTOBRE = f.a_paris(2026, 10, 1, 9)  # un jeudi
VENDREDI, LUNDI = D(2026, 10, 9), D(2026, 10, 12)


@pytest.fixture
def cantine(db, time_machine):
    """Lundi, mardi, jeudi, vendredi ; la limite est le jour d'ouverture précédent, à midi."""
    time_machine.move_to(OCTOBRE, tick=False)
    f.commune()
    cantine = f.activite(nom="Restauration")
    f.delai(cantine, "reserver", decompte=OUVERTURE, heure=dt.time(12))
    ouvrir_seances(f.annee(debut=D(2026, 9, 1), fin=D(2026, 11, 30)))
    return cantine


@pytest.fixture
def mairie(client, cantine):
    client.force_login(f.agent("Direction"))
    return client


def limite(cantine, jour):
    return Seance.objects.get(activite=cantine, jour=jour).limite_reservation


def accorder(cantine):
    """Le simulateur et les séances disent la même chose, tous les jours que montre le simulateur."""
    dites = {
        regles.date_dite(s.jour, annee=True): (dite(s.limite_reservation), dite(s.limite_annulation))
        for s in cantine.seances.filter(jour__gte=OCTOBRE.date())
    }
    [(_, simulees)] = simuler([Activite.objects.get(pk=cantine.pk)], None, OCTOBRE)
    assert len(simulees) > 10
    assert [(s.jour, (s.reserver, s.annuler)) for s in simulees if s.jour in dites] == [
        (s.jour, dites[s.jour]) for s in simulees if s.jour in dites
    ]


def dite(limite):
    derniere = regles.derniere_minute(limite).astimezone(PARIS)
    return f"{regles.date_dite(derniere.date())} {heure_dite(derniere)}"


def fermer(client, debut, fin=None, **champs):
    donnees = {"libelle": "Pont", "motif": "pont", "debut": debut, "fin": fin or debut, "ecole": ""} | champs
    return client.post(reverse("admin:commune_jourferme_add"), donnees, follow=True)


def test_un_pont_ajoute_deplace_les_limites_qui_comptent_ce_jour(mairie, cantine, courriels):
    assert limite(cantine, LUNDI) == f.a_paris(2026, 10, 9, 12, 1)
    page = fermer(mairie, VENDREDI).content.decode()
    assert "Les limites des séances à venir se recalculent." in page
    assert reverse("admin:reservations_seance_creer") in page
    travailler()
    assert limite(cantine, LUNDI) == f.a_paris(2026, 10, 8, 12, 1)
    accorder(cantine)


def test_un_pont_retire_les_rend(mairie, cantine):
    fermer(mairie, VENDREDI)
    travailler()
    mairie.post(reverse("admin:commune_jourferme_delete", args=[JourFerme.objects.get().pk]), {"post": "yes"})
    travailler()
    assert limite(cantine, LUNDI) == f.a_paris(2026, 10, 9, 12, 1)
    accorder(cantine)


def test_des_ponts_retires_ensemble_aussi(mairie, cantine):
    fermer(mairie, VENDREDI)
    travailler()
    mairie.post(reverse("admin:commune_jourferme_changelist"), {
        "action": "delete_selected", "_selected_action": [JourFerme.objects.get().pk], "post": "yes",
    })  # fmt: skip
    travailler()
    assert limite(cantine, LUNDI) == f.a_paris(2026, 10, 9, 12, 1)


def test_un_ferie_deplace_les_jours_ouvres(mairie, cantine):
    f.delai(cantine, "annuler", decompte=OUVRES, heure=dt.time(12))
    recalculer(OCTOBRE)
    fermer(mairie, VENDREDI, motif="ferie")
    travailler()
    seance = Seance.objects.get(activite=cantine, jour=LUNDI)
    assert seance.limite_annulation == f.a_paris(2026, 10, 8, 12, 1)
    accorder(cantine)


def enregistrer(client, activite, **champs):
    """La fiche de l'activité telle qu'elle est, et ce que l'on y change."""
    page = client.get(reverse("admin:inscriptions_activite_change", args=[activite.pk]))
    form, donnees = page.context["adminform"].form, {}
    for nom in form.fields:
        valeur = form[nom].value()
        if isinstance(valeur, dt.time):
            valeur = f"{valeur:%H:%M}"
        if valeur is not None and valeur is not False:  # zéro, lui, est une valeur
            donnees[nom] = valeur
    donnees |= {"conditions-TOTAL_FORMS": 0, "conditions-INITIAL_FORMS": 0} | champs
    reponse = client.post(reverse("admin:inscriptions_activite_change", args=[activite.pk]), donnees, follow=True)
    assert reponse.redirect_chain, reponse.context["errors"]
    return reponse


def test_des_jours_changes_deplacent_les_limites_du_site(mairie, cantine):
    """Le site n'ouvre plus le vendredi : la limite du lundi remonte au jeudi."""
    page = enregistrer(mairie, cantine, jours=["0", "1", "3"]).content.decode()
    assert "Les limites des séances à venir se recalculent." in page
    travailler()
    assert limite(cantine, LUNDI) == f.a_paris(2026, 10, 8, 12, 1)
    accorder(cantine)


def test_les_jours_d_une_autre_activite_du_site_aussi(mairie, cantine):
    """L'accueil du mercredi ouvre le site ce jour-là : le jeudi se réserve désormais jusqu'au mercredi."""
    mercredi = f.activite(site=cantine.site, nom="Accueil", genre="mercredi", jours=[0])
    f.delai(mercredi, "reserver", decompte=ACTIVITE)
    enregistrer(mairie, mercredi, jours=["0", "2"])
    travailler()
    assert limite(cantine, D(2026, 10, 8)) == f.a_paris(2026, 10, 7, 12, 1)
    accorder(cantine)


def test_une_heure_changee_deplace_les_delais_en_heures(mairie, cantine):
    cantine.regles_delai.all().delete()
    f.delai(cantine, "reserver", forme="heures", nombre=48)
    recalculer(OCTOBRE)
    enregistrer(mairie, cantine, heure_debut="11:30")
    travailler()
    assert limite(cantine, VENDREDI) == f.a_paris(2026, 10, 7, 11, 31)
    accorder(cantine)


def test_ni_les_seances_passees_ni_celle_qui_a_commence_ne_changent(mairie, cantine, time_machine):
    avant = dict(cantine.seances.filter(jour__lte=VENDREDI).values_list("jour", "limite_reservation"))
    time_machine.move_to(f.a_paris(2026, 10, 9, 12, 30), tick=False)
    fermer(mairie, D(2026, 10, 1))  # la veille d'une séance passée
    fermer(mairie, D(2026, 10, 8))  # la veille de la séance commencée
    travailler()
    assert dict(cantine.seances.filter(jour__lte=VENDREDI).values_list("jour", "limite_reservation")) == avant


def test_recommencer_ne_trouve_rien(cantine):
    assert recalculer(OCTOBRE) == 0
    f.jour_ferme(VENDREDI, VENDREDI, motif="pont", libelle="Pont")
    assert recalculer(OCTOBRE) == 1
    assert recalculer(OCTOBRE) == 0
