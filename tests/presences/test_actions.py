"""Pointer, effacer, accueillir : le journal, les refus, deux tablettes à la fois."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from presences import actions
from presences.models import Geste, Pointage
from reservations.models import Mouvement, Reservation
from tests import fabriques as f
from tests.presences.outils import JOUR, MIDI, attendu, remplir, service

pytestmark = pytest.mark.django_db


@pytest.fixture
def nadia():
    return f.agent("Agents", prenom="Nadia", nom="PETIT")


def code(refus):
    return refus.value.error_list[0].code


def gestes():
    return list(Geste.objects.order_by("pk").values_list("avant", "apres"))


def test_un_geste_pointe_et_s_ecrit_au_journal_avec_ses_deux_heures(nadia):
    seance = service()
    hugo = attendu(seance)
    appareil = f.a_paris(2026, 11, 23, 12, 3)
    geste = actions.pointer(hugo, seance, "present", nadia, MIDI, instant_appareil=appareil)
    pointage = Pointage.objects.get()
    assert (pointage.etat, pointage.agent, pointage.recu_le, pointage.instant_appareil) == (
        "present",
        nadia,
        MIDI,
        appareil,
    )
    assert (geste.avant, geste.apres, geste.agent, geste.recu_le, geste.instant_appareil) == (
        "",
        "present",
        nadia,
        MIDI,
        appareil,
    )
    assert pointage.arrivee is None, "à la cantine, l'heure d'arrivée n'intéresse personne"


def test_le_dernier_geste_l_emporte_et_les_deux_restent_au_journal(nadia):
    seance, autre = service(), f.agent("Agents")
    hugo = attendu(seance)
    actions.pointer(hugo, seance, "present", nadia, MIDI)
    geste = actions.pointer(hugo, seance, "absent", autre, MIDI)
    assert geste.avant == "present"
    assert Pointage.objects.get().etat == "absent"
    assert gestes() == [("", "present"), ("present", "absent")]


def test_le_meme_geste_deux_fois_ne_s_ecrit_qu_une(nadia):
    seance = service()
    hugo = attendu(seance)
    actions.pointer(hugo, seance, "present", nadia, MIDI)
    assert actions.pointer(hugo, seance, "present", nadia, MIDI) is None
    assert len(gestes()) == 1


def test_effacer_rend_l_enfant_a_pointer(nadia):
    seance = service()
    hugo = attendu(seance)
    actions.pointer(hugo, seance, "absent", nadia, MIDI)
    actions.effacer(hugo, seance, nadia, MIDI)
    assert actions.effacer(hugo, seance, nadia, MIDI) is None
    assert not Pointage.objects.exists()
    assert gestes() == [("", "absent"), ("absent", "")]


def test_le_journal_ne_se_recrit_pas(nadia):
    seance = service()
    geste = actions.pointer(attendu(seance), seance, "present", nadia, MIDI)
    with pytest.raises(DatabaseError, match="ne se récrit pas"), transaction.atomic():
        Geste.objects.filter(pk=geste.pk).update(apres="absent")
    with pytest.raises(DatabaseError, match="ne se récrit pas"), transaction.atomic():
        geste.delete()


def test_un_enfant_sans_reservation_ne_se_pointe_pas(nadia):
    seance = service()
    with pytest.raises(ValidationError) as refus:
        actions.pointer(f.enfant(), seance, "present", nadia, MIDI)
    assert code(refus) == "hors_liste"


def test_une_reservation_annulee_entre_temps_se_dit(nadia):
    seance = service()
    hugo = attendu(seance)
    Reservation.objects.update(etat="annulee")
    with pytest.raises(ValidationError) as refus:
        actions.pointer(hugo, seance, "present", nadia, MIDI)
    assert "sa réservation est annulée" in refus.value.messages[0]


def test_une_seance_annulee_ne_se_pointe_pas(nadia):
    seance = service()
    hugo = attendu(seance)
    seance.ouverte, seance.motif = False, "grève"
    seance.save()
    with pytest.raises(ValidationError) as refus:
        actions.pointer(hugo, seance, "present", nadia, MIDI)
    assert code(refus) == "ferme"


def test_l_agent_revient_31_jours_et_la_mairie_sans_limite(nadia):
    seance = service(dt.date(2026, 10, 19))
    hugo = attendu(seance)
    with pytest.raises(ValidationError) as refus:
        actions.pointer(hugo, seance, "present", nadia, MIDI)
    assert code(refus) == "jour"
    actions.pointer(hugo, seance, "present", f.agent("Périscolaire"), MIDI)
    assert Pointage.objects.get().etat == "present"


def test_a_minuit_passe_a_paris_c_est_deja_le_lendemain(nadia):
    """À 0 h 10 à Paris le 24, il est encore le 23 en temps universel : le 24 se pointe déjà."""
    seance = service(dt.date(2026, 11, 24))
    hugo = attendu(seance)
    with pytest.raises(ValidationError):
        actions.pointer(hugo, seance, "present", nadia, f.a_paris(2026, 11, 23, 23, 59))
    actions.pointer(hugo, seance, "present", nadia, f.a_paris(2026, 11, 24, 0, 10))


# --- Les heures de la garderie -------------------------------------------------------------------------------------
def soiree():
    return service(
        genre="soir", nom="Accueil du soir", avec_repas=False, heure_debut=dt.time(16), heure_fin=dt.time(19)
    )


def test_le_soir_l_arrivee_se_note_au_premier_toucher_et_le_depart_au_second(nadia):
    seance = soiree()
    hugo = attendu(seance)
    actions.pointer(hugo, seance, "present", nadia, f.a_paris(2026, 11, 23, 16, 2, 40))
    actions.partir(hugo, seance, nadia, f.a_paris(2026, 11, 23, 17, 45))
    pointage = Pointage.objects.get()
    assert (pointage.arrivee, pointage.depart) == (dt.time(16, 2), dt.time(17, 45))


def test_l_heure_d_une_tablette_dereglee_ne_fait_pas_l_heure_d_arrivee(nadia):
    seance = soiree()
    hugo = attendu(seance)
    folle = f.a_paris(2026, 11, 23, 9, 0)
    actions.pointer(hugo, seance, "present", nadia, f.a_paris(2026, 11, 23, 16, 2), instant_appareil=folle)
    assert Pointage.objects.get().arrivee == dt.time(16, 2)
    assert Geste.objects.get().instant_appareil == folle


def test_absent_efface_les_heures(nadia):
    seance = soiree()
    hugo = attendu(seance)
    actions.pointer(hugo, seance, "present", nadia, f.a_paris(2026, 11, 23, 16, 2))
    actions.pointer(hugo, seance, "absent", nadia, f.a_paris(2026, 11, 23, 16, 5))
    assert (Pointage.objects.get().arrivee, Pointage.objects.get().depart) == (None, None)


@pytest.mark.parametrize(
    ("etat", "arrivee", "depart", "attendu_"),
    [
        ("present", dt.time(16), dt.time(17), None),
        ("present", None, dt.time(17), None),
        ("present", dt.time(17), dt.time(16), "heures"),
        ("absent", dt.time(16), None, "absent"),
    ],
)
def test_les_heures_se_corrigent_a_la_main(nadia, etat, arrivee, depart, attendu_):
    seance = soiree()
    hugo = attendu(seance)
    actions.pointer(hugo, seance, etat, nadia, MIDI)
    if attendu_:
        with pytest.raises(ValidationError) as refus:
            actions.noter_les_heures(hugo, seance, arrivee, depart, nadia, MIDI)
        assert code(refus) == attendu_
    else:
        actions.noter_les_heures(hugo, seance, arrivee, depart, nadia, MIDI)
        assert (Pointage.objects.get().arrivee, Pointage.objects.get().depart) == (arrivee, depart)


def test_le_depart_d_un_autre_jour_ne_se_note_pas_a_l_heure_qu_il_est(nadia):
    seance = service(dt.date(2026, 11, 20), genre="soir")
    hugo = attendu(seance)
    actions.pointer(hugo, seance, "present", nadia, MIDI)
    with pytest.raises(ValidationError) as refus:
        actions.partir(hugo, seance, nadia, MIDI)
    assert code(refus) == "jour"


# --- Les autres sont tous là ---------------------------------------------------------------------------------------
def test_pointer_le_reste_ne_touche_ni_l_absent_ni_qui_n_etait_pas_sous_les_yeux(nadia):
    seance = service()
    hugo, lina, zoe = (attendu(seance, prenom=p) for p in ("Hugo", "Lina", "Zoé"))
    actions.pointer(hugo, seance, "absent", nadia, MIDI)
    etranger = f.enfant()
    n = actions.pointer_le_reste(seance, [hugo.pk, lina.pk, etranger.pk], nadia, MIDI)
    assert n == 1
    assert dict(Pointage.objects.values_list("enfant", "etat")) == {hugo.pk: "absent", lina.pk: "present"}
    assert not Pointage.objects.filter(enfant=zoe).exists()


# --- De dernière minute --------------------------------------------------------------------------------------------
def test_accueillir_reserve_avec_sa_raison_et_pointe_present(nadia):
    seance = service()
    hugo = f.enfant(ecole=seance.activite.site)
    actions.accueillir(hugo, seance, "Sa mère a téléphoné.", nadia, MIDI)
    reservation = Reservation.objects.get()
    mouvement = Mouvement.objects.get()
    assert (reservation.enfant, reservation.etat, reservation.hors_delai) == (hugo, "reservee", True)
    assert (mouvement.origine, mouvement.compte, mouvement.motif) == ("agent", nadia, "Sa mère a téléphoné.")
    assert Pointage.objects.get().etat == "present"


def test_pour_demain_on_complete_la_liste_sans_pointer(nadia):
    seance = service(dt.date(2026, 11, 24))
    actions.accueillir(f.enfant(ecole=seance.activite.site), seance, "Demandé au portail.", nadia, MIDI)
    assert Reservation.objects.get().etat == "reservee"
    assert not Pointage.objects.exists()


def test_sans_raison_ni_deux_fois(nadia):
    seance = service()
    with pytest.raises(ValidationError) as refus:
        actions.accueillir(f.enfant(), seance, "  ", nadia, MIDI)
    assert code(refus) == "sans_motif"
    with pytest.raises(ValidationError) as refus:
        actions.accueillir(attendu(seance), seance, "Encore lui.", nadia, MIDI)
    assert code(refus) == "deja"
    assert not Pointage.objects.exists(), "la réservation refusée, rien n'est pointé"


# --- Deux tablettes à la fois --------------------------------------------------------------------------------------
def ensemble(taches):
    depart = Barrier(len(taches))

    def faire(tache):
        try:
            depart.wait(timeout=10)
            return tache()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(taches)) as fils:
        return list(fils.map(faire, taches))


@pytest.mark.django_db(transaction=True)
def test_huit_tablettes_sur_le_meme_enfant_un_pointage_et_une_chaine_sans_trou(nadia):
    seance = service()
    hugo = attendu(seance)
    get_user_model().objects.get(pk=nadia.pk)
    ensemble([
        lambda etat=etat: actions.pointer(hugo, seance, etat, nadia, MIDI)
        for etat in ["present", "absent", "excuse", "present", "absent", "excuse", "present", "absent"]
    ])  # fmt: skip
    journal = gestes()
    assert Pointage.objects.count() == 1
    assert journal[0][0] == ""
    assert [avant for avant, _ in journal[1:]] == [apres for _, apres in journal[:-1]], "chaque geste sait le précédent"
    assert Pointage.objects.get().etat == journal[-1][1]


@pytest.mark.django_db(transaction=True)
def test_deux_agents_accueillent_le_meme_enfant_une_seule_reservation(nadia):
    seance = service()
    hugo = f.enfant(ecole=seance.activite.site)

    def accueillir():
        try:
            actions.accueillir(hugo, seance, "Il est là.", nadia, MIDI)
            return "fait"
        except ValidationError as refus:
            return refus.code

    assert sorted(ensemble([accueillir] * 4)) == ["deja", "deja", "deja", "fait"]
    assert Reservation.objects.count() == 1
    assert len(gestes()) == 1


@pytest.mark.django_db(transaction=True)
def test_toute_une_classe_et_un_enfant_de_cette_classe_a_la_fois(nadia):
    seance = service()
    enfants = remplir(seance, 20)
    ensemble([
        lambda: actions.pointer_le_reste(seance, [e.pk for e in enfants], nadia, MIDI),
        lambda: actions.pointer(enfants[3], seance, "absent", nadia, MIDI),
        lambda: actions.pointer_le_reste(seance, [e.pk for e in enfants], nadia, MIDI),
    ])  # fmt: skip
    assert Pointage.objects.count() == 20
    assert Pointage.objects.get(enfant=enfants[3]).etat == "absent"
    assert seance.jour == JOUR
