"""Changer une règle : qui est touché, ce qui est recalculé, et le règlement qui dit la même chose."""

import datetime as dt
import re
from dataclasses import replace

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from commune.regles import PARIS
from inscriptions.models import RegleDelai, VersionReglement, reglement
from inscriptions.regles import (
    ANNULER,
    EN_SEMAINES,
    MAIRIE,
    OUVERTURE,
    RESERVER,
    SUPPLEMENT,
    Delai,
    heure_dite,
    periodes,
    phrase_delai,
)
from reservations import regles
from reservations.actions import changer_delais, ouvrir_seances, prevoir_delais, simuler
from reservations.models import Seance
from tests import fabriques as f
from tests.beaucoup import memes_requetes, ouvrir

from .test_delais_regles import delais as delais_tires

D = dt.date
OCTOBRE = f.a_paris(2026, 10, 1, 9)  # un jeudi, avant l'ouverture de la cantine
JEUDI_MIDI = Delai(EN_SEMAINES, jour_semaine=3, heure=dt.time(12), ensuite=SUPPLEMENT)


@pytest.fixture
def annee(db):
    f.jour_ferme(D(2026, 10, 17), D(2026, 11, 1), libelle="Vacances de la Toussaint", motif="vacances")
    return f.annee(fin=D(2026, 11, 30))


@pytest.fixture
def cantine(annee):
    cantine = f.activite(nom="Restauration")
    ouvrir_seances(annee)
    return cantine


def jour(cantine, *date):
    return Seance.objects.get(activite=cantine, jour=D(*date))


def test_changer_une_regle_recalcule_les_seances_a_venir_et_elles_seules(cantine):
    avant = {s.pk: s.limites for s in Seance.objects.filter(jour__lt=D(2026, 10, 1))}
    effet = changer_delais([cantine], [(RESERVER, JEUDI_MIDI)], f.agent(), OCTOBRE)
    assert {s.pk: s.limites for s in Seance.objects.filter(jour__lt=D(2026, 10, 1))} == avant
    assert effet.seances == Seance.objects.filter(jour__gte=D(2026, 10, 1)).count()
    reprise = jour(cantine, 2026, 11, 2)
    assert reprise.limites == (f.a_paris(2026, 10, 29, 12, 1), f.a_paris(2026, 11, 2, 0), "supplement")


def test_une_seance_commencee_ne_change_plus(cantine):
    changer_delais([cantine], [(RESERVER, JEUDI_MIDI)], None, f.a_paris(2026, 10, 1, 12))
    assert jour(cantine, 2026, 10, 1).apres_limite == "refuse"
    assert jour(cantine, 2026, 10, 2).apres_limite == "supplement"


def test_l_annee_suivante_deja_ouverte_est_recalculee_aussi(cantine):
    suivante = f.annee(nom="2027-2028", debut=D(2027, 9, 1), fin=D(2027, 9, 30))
    ouvrir_seances(suivante)
    changer_delais([cantine], [(RESERVER, Delai(nombre=3, decompte=OUVERTURE))], None, OCTOBRE)
    # La rentrée ne compte pas les jours d'été : trois jours de semaine avant.
    assert jour(cantine, 2027, 9, 2).limite_reservation == f.a_paris(2027, 8, 31, 0)


def test_l_apercu_dit_qui_est_touche_et_n_ecrit_rien(cantine):
    petit = f.enfant()
    for date in ((2026, 10, 2), (2026, 10, 5), (2026, 10, 8)):
        f.reservation(petit, jour(cantine, *date))
    trois = Delai(nombre=3, heure=dt.time(12))
    effet = prevoir_delais([cantine], [(RESERVER, trois), (ANNULER, trois)], OCTOBRE)
    # Le 1er et le 2 octobre étaient, ou sont, à trois jours : le 1er était déjà fermé.
    assert (effet.reservations, effet.plus_annulables, effet.fermees) == (3, 1, 1)
    assert not RegleDelai.objects.exists()
    assert not VersionReglement.objects.exists()
    fait = changer_delais([cantine], [(RESERVER, trois), (ANNULER, trois)], None, OCTOBRE)
    assert (fait.seances, fait.plus_annulables, fait.fermees) == (effet.seances, 1, 1)
    rendu = prevoir_delais([cantine], [], OCTOBRE)
    assert (rendu.de_nouveau_annulables, rendu.rouvertes) == (1, 1)


def test_la_regle_est_la_meme_a_l_ouverture_des_seances_et_a_son_changement(cantine, annee):
    changer_delais([cantine], [(RESERVER, JEUDI_MIDI)], None, OCTOBRE)
    assert ouvrir_seances(annee, OCTOBRE).recalculees == 0


def test_deux_regles_ne_valent_pas_le_meme_jour(cantine):
    deux = [(RESERVER, Delai(fin=D(2026, 12, 31))), (RESERVER, Delai(nombre=2, debut=D(2026, 12, 31)))]
    with pytest.raises(ValidationError, match="valent le même jour"):
        changer_delais([cantine], deux, None, OCTOBRE)
    assert not RegleDelai.objects.exists()
    f.delai(cantine)
    with pytest.raises(DatabaseError, match="un_delai_pour_reserver_par_jour"), transaction.atomic():
        f.delai(cantine, debut=D(2026, 9, 1))
    with pytest.raises(DatabaseError, match="delai_annuler_refuse_ensuite"), transaction.atomic():
        f.delai(cantine, ANNULER, ensuite=MAIRIE)


def test_autant_de_requetes_pour_une_activite_que_pour_vingt(cantine, annee):
    def compter(activites):
        with CaptureQueriesContext(connection) as lues:
            changer_delais(activites, [(RESERVER, JEUDI_MIDI)], None, OCTOBRE)
        return len(lues)

    une = compter([cantine])
    vingt = [f.activite(site=cantine.site) for _ in range(20)]
    ouvrir_seances(annee, OCTOBRE)
    assert compter(vingt) == une


# --- Le règlement -----------------------------------------------------------------------------------------------------
def test_chaque_changement_publie_une_version_et_les_anciennes_se_lisent(cantine, client):
    agent = f.agent()
    assert changer_delais([cantine], [], agent, OCTOBRE).version.numero == 1
    assert changer_delais([cantine], [], agent, OCTOBRE).version is None, "rien n'a changé"
    assert changer_delais([cantine], [(RESERVER, JEUDI_MIDI)], agent, OCTOBRE).version.publiee_par == agent
    html = client.get(reverse("inscriptions:reglement")).content.decode().replace("\u00a0", " ")
    assert "Version 2, publiée le 1er octobre 2026." in html
    assert "On réserve jusqu&#x27;au jeudi de la semaine d&#x27;avant, 12 h" in html
    ancienne = client.get(reverse("inscriptions:reglement_version", args=[1])).content.decode().replace("\u00a0", " ")
    assert "On réserve et on annule jusqu&#x27;à la veille 23 h 59" in ancienne
    assert "Une ancienne version" in ancienne
    assert client.get(reverse("inscriptions:reglement_version", args=[3])).status_code == 404


def test_une_version_publiee_ne_se_recrit_pas(cantine):
    version = changer_delais([cantine], [], None, OCTOBRE).version
    with pytest.raises(DatabaseError, match="ne se récrit pas"), transaction.atomic():
        VersionReglement.objects.filter(pk=version.pk).update(texte=[])
    with pytest.raises(DatabaseError, match="ne se récrit pas"), transaction.atomic():
        version.delete()


def test_une_regle_finie_sort_du_reglement_sans_en_faire_une_version(cantine, client, time_machine):
    automne = Delai(nombre=2, fin=D(2026, 10, 15))
    changer_delais([cantine], [(RESERVER, automne), (ANNULER, automne)], None, OCTOBRE)
    time_machine.move_to(f.a_paris(2026, 10, 16))
    html = client.get(reverse("inscriptions:reglement")).content.decode()
    assert "avant-veille" not in html
    assert "Version 1" in html
    assert changer_delais([cantine], [(RESERVER, automne), (ANNULER, automne)], None,
                          f.a_paris(2026, 10, 16)).version is None  # fmt: skip


instants = st.datetimes(dt.datetime(2026, 9, 1), dt.datetime(2027, 3, 1), timezones=st.just(dt.UTC))
jours_tires = st.dates(D(2026, 9, 1), D(2027, 4, 30))
bornes = st.one_of(
    st.just((None, None)), st.tuples(jours_tires, st.none()), st.tuples(st.none(), jours_tires),
    st.tuples(jours_tires, jours_tires).map(lambda deux: tuple(sorted(deux))),
)  # fmt: skip
fermetures = st.lists(
    st.tuples(jours_tires, st.integers(0, 15), st.sampled_from(["vacances", "pont", "ferie", "greve"])), max_size=5
)


class Accord(TestCase):
    """Pour des règles au hasard : la page publique, le simulateur et les séances disent la même limite."""

    @settings(max_examples=15, deadline=None)
    @given(delais_tires, delais_tires, st.sampled_from(["refuse", SUPPLEMENT, MAIRIE]), instants, bornes, fermetures)
    def test_la_page_le_simulateur_et_les_seances_s_accordent(self, un, autre, ensuite, maintenant, dates, fermees):
        """À un instant, sur un calendrier et pour des dates de validité tirés eux aussi."""
        for debut, jours, motif in fermees:
            f.jour_ferme(debut, debut + dt.timedelta(days=jours), motif=motif, libelle=motif)
        annee, cantine = f.annee(debut=D(2026, 9, 1), fin=D(2027, 4, 30)), f.activite(nom="Cantine")
        ouvrir_seances(annee)
        un = replace(un, ensuite=ensuite, debut=dates[0], fin=dates[1])
        proposees = [(RESERVER, un), (ANNULER, autre)]
        demain = maintenant.astimezone(PARIS).date() + dt.timedelta(days=1)  # celle du jour a pu commencer
        [(_, simulees)] = simuler([cantine], proposees, maintenant, demain)
        changer_delais([cantine], proposees, None, maintenant)
        seances = Seance.objects.filter(jour__gte=demain).order_by("jour")
        dites = [(regles.date_dite(s.jour, annee=True), dite(s.limite_reservation), dite(s.limite_annulation),
                  s.apres_limite) for s in seances[: len(simulees)]]  # fmt: skip
        assert [(s.jour, s.reserver, s.annuler, s.ensuite) for s in simulees] == dites
        with time_machine.travel(maintenant, tick=False):
            html = self.client.get(reverse("inscriptions:reglement")).content.decode().replace("&#x27;", "'")
        if dates == (None, None) and phrase_delai(un) == phrase_delai(autre):
            assert f"On réserve et on annule {phrase_delai(un)}." in html
        for periode in periodes([un], [autre]):
            en_vigueur = periode.fin is None or periode.fin >= demain - dt.timedelta(days=1)
            assert (f"<p>{periode.phrase}</p>" in html) is en_vigueur
        assert reglement() == VersionReglement.objects.first().texte


def dite(limite):
    derniere = regles.derniere_minute(limite).astimezone(PARIS)
    return f"{regles.date_dite(derniere.date())} {heure_dite(derniere)}"


# --- La page de la mairie --------------------------------------------------------------------------------------------
def saisie(**champs):
    vide = {"nombre": 1, "compte": "jours-calendaires", "heure": "23:59", "jour_semaine": "", "debut": "", "fin": ""}
    donnees = {}
    for geste in ("reserver", "annuler"):
        donnees |= {f"{geste}-TOTAL_FORMS": 1, f"{geste}-INITIAL_FORMS": 0}
        donnees |= {f"{geste}-0-{nom}": valeur for nom, valeur in vide.items()}
    return donnees | {"reserver-0-ensuite": "refuse"} | champs


JEUDI = {"reserver-0-compte": "semaine-calendaires", "reserver-0-jour_semaine": "3", "reserver-0-heure": "12:00"}


@pytest.fixture
def octobre(time_machine):
    time_machine.move_to(OCTOBRE, tick=False)


@pytest.fixture
def page(cantine, client, octobre):
    f.commune()
    client.force_login(f.agent("Périscolaire"))
    return reverse("admin:inscriptions_regledelai_changer", args=[cantine.pk])


def test_la_mairie_lit_l_effet_avant_d_enregistrer(page, client, cantine):
    une = f.reservation(f.enfant(), jour(cantine, 2026, 10, 8))
    html = client.post(page, saisie(**JEUDI)).content.decode().replace("\u00a0", " ")
    assert "On réserve jusqu&#x27;au jeudi de la semaine d&#x27;avant, 12 h" in html
    assert "avec <a" in html
    seances, reservations = re.findall(r'<a href="(\S+)">(?:\d+ séances à venir|1 réservation)</a>', html)
    assert liste(client, seances) == set(cantine.seances.filter(jour__gte=D(2026, 10, 1)).values_list("pk", flat=True))
    assert liste(client, reservations) == {une.pk}
    assert "jeudi 29 octobre 12 h" in html, "le simulateur montre la reprise"
    assert not RegleDelai.objects.exists()
    vu = re.search(r'name="vu" value="(\w+)"', html)[1]
    # Changée depuis ce qu'on a lu, la règle ne s'enregistre pas : on la relit d'abord.
    client.post(page, saisie(**JEUDI | {"reserver-0-heure": "11:00"}, vu=vu, confirmer="1"))
    assert not RegleDelai.objects.exists()
    reponse = client.post(page, saisie(**JEUDI, vu=vu, confirmer="1"), follow=True)
    assert "Le règlement paraît en version 1." in reponse.content.decode()
    assert RegleDelai.objects.get().delai == Delai(EN_SEMAINES, jour_semaine=3, heure=dt.time(12))
    assert jour(cantine, 2026, 11, 2).limite_reservation == f.a_paris(2026, 10, 29, 12, 1)


def liste(client, adresse):
    """Les lignes de la liste où mène un lien de l'aperçu, toutes pages réunies."""
    return set(client.get(adresse.replace("&amp;", "&")).context["cl"].queryset.values_list("pk", flat=True))


def test_un_lien_ne_mene_qu_aux_seances_touchees(page, client, cantine):
    f.reservation(f.enfant(), jour(cantine, 2026, 10, 2))
    datee = {"reserver-0-nombre": 3, "reserver-0-debut": "2026-11-02", "reserver-0-fin": "2026-11-13"}
    html = client.post(page, saisie(**datee)).content.decode()
    [seances] = re.findall(r'<a href="(\S+)">\d+ séances à venir</a>', html)
    touchees = cantine.seances.filter(jour__range=(D(2026, 11, 2), D(2026, 11, 13)))
    assert liste(client, seances) == set(touchees.values_list("pk", flat=True))
    assert "aucune réservation" in html


def test_la_meme_regle_pour_les_autres_ecoles(page, client, cantine):
    autre = f.activite(nom="Restauration", jours=[0, 1, 3])
    html = client.post(page, saisie(**JEUDI, aussi=[autre.pk])).content.decode()
    assert re.findall(r"<caption>(.*?)</caption>", html) == [str(cantine), str(autre)], "un tableau par école"
    pareille = f.activite(nom="Restauration")  # aux mêmes jours : un seul tableau pour les deux
    deux = client.post(page, saisie(**JEUDI, aussi=[pareille.pk])).content.decode()
    assert re.findall(r"<caption>(.*?)</caption>", deux) == [f"{cantine} ; {pareille}"]
    vu = re.search(r'name="vu" value="(\w+)"', html)[1]
    client.post(page, saisie(**JEUDI, aussi=[autre.pk], vu=vu, confirmer="1"))
    assert set(RegleDelai.objects.values_list("activite", flat=True)) == {cantine.pk, autre.pk}


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"reserver-0-compte": "semaine-calendaires"}, "Choisissez le jour de la semaine"),
        ({"reserver-0-nombre": 61}, "De 0 à 60."),
        ({"reserver-0-nombre": 0, "reserver-0-heure": "12:00"}, "Le jour même, l&#x27;activité commence à 12\u00a0h"),
        ({"reserver-0-heure": ""}, "Dites jusqu&#x27;à quelle heure."),
        ({"reserver-0-debut": "2026-11-02", "reserver-0-fin": "2026-11-01"}, "ne peut pas finir avant"),
    ],
)
def test_une_regle_qui_n_a_pas_de_sens_se_refuse_avec_sa_phrase(page, client, champs, phrase):
    html = client.post(page, saisie(**champs)).content.decode()
    assert phrase in html
    assert "Enregistrer ces règles" not in html


def test_retirer_une_regle_rend_celle_de_la_maison(page, client, cantine):
    f.delai(cantine, nombre=4)
    envoi = saisie(**{"reserver-TOTAL_FORMS": 2, "reserver-INITIAL_FORMS": 1, "reserver-0-nombre": 4,
                      "reserver-0-DELETE": "on", "reserver-1-nombre": 1, "reserver-1-compte": "jours-calendaires",
                      "reserver-1-heure": "23:59", "reserver-1-ensuite": "refuse"})  # fmt: skip
    html = client.post(page, envoi).content.decode()
    vu = re.search(r'name="vu" value="(\w+)"', html)[1]
    client.post(page, envoi | {"vu": vu, "confirmer": "1"})
    assert not RegleDelai.objects.exists()


@pytest.mark.parametrize(("groupe", "liste", "fiche"), [("Périscolaire", 200, 200), ("Régie", 200, 403)])
def test_la_regie_lit_les_delais_et_ne_les_change_pas(page, client, groupe, liste, fiche):
    client.force_login(f.agent(groupe))
    assert client.get(reverse("admin:inscriptions_regledelai_changelist")).status_code == liste
    assert client.get(page).status_code == fiche


def test_la_liste_des_delais_ne_grossit_pas_en_requetes(page, client):
    """Trente activités : une commune en ouvre quelques dizaines."""
    with memes_requetes(ouvrir(client, reverse("admin:inscriptions_regledelai_changelist")), au_plus=40):
        for _ in range(30):
            f.delai(f.activite(), nombre=3)
