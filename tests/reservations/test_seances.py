"""Ouvrir les séances d'une année : les bons jours, les bonnes limites, et rien en double."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from commune.models import JourFerme
from reservations.actions import Creation, ouvrir_seances, prevoir_seances, rouvrir
from reservations.models import Seance
from tests import fabriques as f

D = dt.date
LA_VEILLE = f.a_paris(2026, 8, 20)


@pytest.fixture
def annee(db):
    """Septembre et octobre 2026, avec la Toussaint et un pont inventé."""
    f.jour_ferme(D(2026, 10, 17), D(2026, 11, 1), libelle="Vacances de la Toussaint", motif="vacances")
    f.jour_ferme(D(2026, 9, 24), D(2026, 9, 25), libelle="Pont", motif="pont")
    return f.annee(fin=D(2026, 11, 6))


def jours(activite):
    return list(Seance.objects.filter(activite=activite).values_list("jour", flat=True))


def test_une_seance_par_jour_d_ecole_de_chaque_activite(annee):
    cantine, mercredi = f.activite(capacite=40), f.activite(jours=[2], genre="mercredi")
    faite = ouvrir_seances(annee)
    assert D(2026, 9, 1) in jours(cantine)
    assert {j.weekday() for j in jours(cantine)} == {0, 1, 3, 4}
    assert {j.weekday() for j in jours(mercredi)} == {2}
    assert not {D(2026, 9, 24), D(2026, 9, 25), D(2026, 10, 20), D(2026, 10, 29)} & set(jours(cantine))
    assert D(2026, 11, 2) in jours(cantine)
    assert faite == Creation(Seance.objects.count(), 0, 0, 0)
    assert set(Seance.objects.filter(activite=cantine).values_list("capacite", flat=True)) == {40}


def test_recommencer_ne_double_rien(annee):
    f.activite()
    ouvrir_seances(annee)
    assert ouvrir_seances(annee) == Creation(0, 0, 0, 0)


def test_l_apercu_annonce_ce_qui_sera_fait_et_n_ecrit_rien(annee):
    f.activite()
    prevu = prevoir_seances(annee)
    assert Seance.objects.count() == 0
    assert ouvrir_seances(annee) == prevu


def test_un_calendrier_non_confirme_se_refuse(annee):
    annee.calendrier_confirme = False
    annee.save()
    with pytest.raises(ValidationError, match="n'est pas confirmé") as refus:
        ouvrir_seances(annee)
    assert refus.value.code == "calendrier_non_confirme"


def test_une_activite_de_vacances_n_a_lieu_que_pendant_les_vacances(annee):
    centre = f.activite(genre="vacances", jours=[0, 1, 2, 3, 4])
    ouvrir_seances(annee)
    assert jours(centre) == [D(2026, 10, 19) + dt.timedelta(days=n) for n in (0, 1, 2, 3, 4, 7, 8, 9, 10, 11)]


def test_une_activite_retiree_n_a_plus_de_seances_nouvelles(annee):
    f.activite(active=False)
    assert ouvrir_seances(annee) == Creation(0, 0, 0, 0)


def test_les_limites_suivent_la_regle_de_l_activite_et_les_jours_du_site(annee):
    site = f.ecole()
    f.activite(site=site, jours=[2], genre="mercredi")  # le site ouvre aussi le mercredi
    cantine = f.activite(site=site)
    f.delai(cantine, "reserver", decompte="ouverture", nombre=1, heure=dt.time(11), ensuite="mairie")
    f.delai(cantine, "annuler", nombre=0, heure=dt.time(8, 30))
    ouvrir_seances(annee)
    reprise = Seance.objects.get(activite=cantine, jour=D(2026, 11, 2))
    jeudi = Seance.objects.get(activite=cantine, jour=D(2026, 9, 10))
    assert reprise.limite_reservation == f.a_paris(2026, 10, 16, 11, 1)
    assert reprise.limite_annulation == f.a_paris(2026, 11, 2, 8, 31)
    assert jeudi.limite_reservation == f.a_paris(2026, 9, 9, 11, 1)
    assert {reprise.apres_limite, jeudi.apres_limite} == {"mairie"}


def test_un_delai_change_ne_recalcule_que_les_seances_a_venir(annee):
    cantine = f.activite()
    ouvrir_seances(annee)
    f.delai(cantine, nombre=2)
    faite = ouvrir_seances(annee, f.a_paris(2026, 10, 1))
    assert faite.recalculees == Seance.objects.filter(jour__gte=D(2026, 10, 1)).count()
    passee, a_venir = Seance.objects.get(jour=D(2026, 9, 29)), Seance.objects.get(jour=D(2026, 10, 1))
    assert passee.limite_reservation == f.a_paris(2026, 9, 29, 0)
    assert a_venir.limite_reservation == f.a_paris(2026, 9, 30, 0)


def test_les_places_changees_un_jour_ne_sont_pas_reprises(annee):
    f.activite(capacite=40)
    ouvrir_seances(annee)
    Seance.objects.filter(jour=D(2026, 9, 3)).update(capacite=12)
    ouvrir_seances(annee)
    assert Seance.objects.get(jour=D(2026, 9, 3)).capacite == 12


def test_un_jour_ferme_depuis_ferme_ses_seances_vides_et_signale_les_autres(annee):
    petit, cantine = f.enfant(), f.activite()
    ouvrir_seances(annee)
    vide, reservee = Seance.objects.get(jour=D(2026, 9, 14)), Seance.objects.get(jour=D(2026, 9, 15))
    f.reservation(petit, reservee)
    f.jour_ferme(D(2026, 9, 14), D(2026, 9, 15), libelle="Grève", motif=JourFerme.Motif.GREVE)
    assert ouvrir_seances(annee) == Creation(0, 0, 1, 1)
    vide.refresh_from_db()
    reservee.refresh_from_db()
    assert (vide.ouverte, vide.motif, reservee.ouverte) == (False, "Grève", True)
    assert cantine.seances.filter(ouverte=False).count() == 1


def test_autant_de_requetes_pour_une_activite_que_pour_dix(annee):
    """Dix et non trois cents : chaque activité ouvre une année de séances."""
    f.activite()
    with CaptureQueriesContext(connection) as une:
        prevoir_seances(annee)
    for _ in range(9):
        f.activite()
    with CaptureQueriesContext(connection) as dix:
        prevoir_seances(annee)
    assert len(une) == len(dix)


# --- Rouvrir ----------------------------------------------------------------------------------------------------------
def test_une_seance_fermee_par_le_calendrier_se_rouvre(db):
    seance = f.seance(f.activite(), D(2026, 9, 10), ouverte=False, motif="Pont")
    rouvrir(seance)
    seance.refresh_from_db()
    assert (seance.ouverte, seance.motif) == (True, "")
