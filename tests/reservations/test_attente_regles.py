"""La liste d'attente, en règles : l'ordre, la durée d'une offre, et ce qui met fin à une attente."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reservations import regles
from reservations.regles import Attente, Candidat, Faits, Statut, fin_d_offre, ordre_d_attente, raison_de_sortir
from tests.fabriques import a_paris

MIDI = a_paris(2026, 9, 3)
LIMITE = a_paris(2026, 9, 7, 0)
DEBUT = a_paris(2026, 9, 7, 12)
instants = st.datetimes(dt.datetime(2026, 9, 1), dt.datetime(2027, 7, 1), timezones=st.just(dt.UTC))
candidats = st.lists(
    st.builds(Candidat, st.integers(1, 10_000), instants, st.integers(0, 3)), unique_by=lambda c: c.numero, max_size=30
)


def lisible(phrase):
    return phrase.replace("\u00a0", " ")


# --- L'ordre ------------------------------------------------------------------------------------------------------
def test_le_premier_arrive_passe_le_premier():
    tot, tard = Candidat(9, MIDI), Candidat(1, MIDI + dt.timedelta(seconds=1))
    assert ordre_d_attente([tard, tot]) == [tot, tard]


def test_une_priorite_passe_devant_l_arrivee():
    ordinaire, prioritaire = Candidat(1, MIDI, 1), Candidat(2, MIDI + dt.timedelta(days=3), 0)
    assert ordre_d_attente([ordinaire, prioritaire]) == [prioritaire, ordinaire]


@given(candidats, st.randoms())
def test_l_ordre_ne_depend_pas_de_celui_de_la_lecture_et_ne_perd_personne(file, hasard):
    melangee = list(file)
    hasard.shuffle(melangee)
    assert ordre_d_attente(melangee) == ordre_d_attente(file)
    assert sorted(c.numero for c in ordre_d_attente(file)) == sorted(c.numero for c in file)


@given(candidats, st.builds(Candidat, st.integers(10_001, 20_000), instants, st.integers(0, 3)))
def test_un_nouveau_venu_ne_change_pas_l_ordre_des_autres(file, nouveau):
    assert [c for c in ordre_d_attente([*file, nouveau]) if c != nouveau] == ordre_d_attente(file)


@given(candidats)
def test_qui_arrive_apres_tous_avec_la_moindre_priorite_est_le_dernier(file):
    dernier = Candidat(99_999, dt.datetime(2028, 1, 1, tzinfo=dt.UTC), 9)
    assert ordre_d_attente([dernier, *file])[-1] == dernier


@pytest.mark.parametrize(("rang", "dit"), [(1, "1er"), (2, "2e"), (11, "11e"), (21, "21e")])
def test_un_rang_se_dit(rang, dit):
    assert regles.rang_dit(rang) == dit


# --- La durée d'une offre -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("nom", "maintenant", "heures", "dit"),
    [
        ("tombe juste, à l'heure qui suit", a_paris(2026, 9, 3, 17, 42, 31), 24, "jusqu'à demain 18 h"),
        ("une heure ronde reste la sienne", a_paris(2026, 9, 3, 18), 24, "jusqu'à demain 18 h"),
        ("une heure pour répondre", a_paris(2026, 9, 3, 9, 1), 1, "jusqu'à aujourd'hui 11 h"),
        ("jamais au-delà de la limite", a_paris(2026, 9, 6, 20), 24, "jusqu'à ce soir 23 h 59"),
        ("ni d'une limite à la seconde près", a_paris(2026, 9, 6, 23, 58, 30), 1, "jusqu'à ce soir 23 h 59"),
    ],
)
def test_une_offre_dure_ce_que_l_activite_dit(nom, maintenant, heures, dit):
    assert lisible(regles.phrase_limite(fin_d_offre(maintenant, heures, LIMITE, DEBUT), maintenant)) == dit


def test_une_offre_ne_dure_pas_au_dela_du_debut_de_la_seance():
    assert fin_d_offre(a_paris(2026, 9, 7, 11), 24, a_paris(2026, 9, 9), DEBUT) == DEBUT


@pytest.mark.parametrize(
    ("nom", "maintenant", "dit"),
    [
        ("en octobre, une heure de plus dans la nuit", a_paris(2026, 10, 24, 17, 42), "jusqu'à demain 17 h"),
        ("en mars, une heure de moins", a_paris(2027, 3, 27, 17, 42), "jusqu'à demain 19 h"),
    ],
)
def test_au_changement_d_heure_la_famille_a_ses_vingt_quatre_heures(nom, maintenant, dit):
    loin = maintenant + dt.timedelta(days=30)
    assert lisible(regles.phrase_limite(fin_d_offre(maintenant, 24, loin, loin), maintenant)) == dit


@given(instants, st.integers(1, 168), instants, instants)
def test_une_offre_dure_au_moins_ses_heures_sauf_si_la_limite_vient_avant(maintenant, heures, limite, debut):
    fin = fin_d_offre(maintenant, heures, limite, debut)
    assert fin <= min(limite, debut)
    assert fin >= min(maintenant + dt.timedelta(hours=heures), limite, debut)
    assert fin <= maintenant + dt.timedelta(hours=heures + 1, minutes=1)


@given(instants, instants, st.integers(1, 168), instants)
def test_une_offre_faite_plus_tard_ne_finit_jamais_plus_tot(un, autre, heures, limite):
    tot, tard = sorted((un, autre))
    assert fin_d_offre(tot, heures, limite, limite) <= fin_d_offre(tard, heures, limite, limite)


def test_dans_un_courriel_la_limite_a_sa_date():
    """« Demain », lu le lendemain, ferait perdre la place."""
    assert lisible(regles.limite_datee(a_paris(2026, 9, 4, 18, 1))) == "jusqu'au vendredi 4 septembre 18 h"
    assert lisible(regles.limite_datee(LIMITE)) == "jusqu'au dimanche 6 septembre 23 h 59"


# --- La fin d'une attente -------------------------------------------------------------------------------------------
EN_ATTENTE = Attente("attente", LIMITE)
PROPOSEE = Attente("proposee", LIMITE, a_paris(2026, 9, 4, 18, 1))


@pytest.mark.parametrize(
    ("nom", "attente", "maintenant", "raison"),
    [
        ("une attente dure", EN_ATTENTE, MIDI, ""),
        ("jusqu'à la dernière seconde", EN_ATTENTE, LIMITE - dt.timedelta(seconds=1), ""),
        ("la limite de réservation la finit", EN_ATTENTE, LIMITE, "limite"),
        ("une séance qui n'a pas lieu", replace(EN_ATTENTE, ouverte=False), MIDI, "fermee"),
        ("un enfant qui n'est plus inscrit", replace(EN_ATTENTE, inscrit=False), MIDI, "non_inscrit"),
        ("une activité qui n'a plus de liste", replace(EN_ATTENTE, liste_attente=False), MIDI, "sans_liste"),
        ("la raison la plus générale d'abord", replace(EN_ATTENTE, ouverte=False, inscrit=False), MIDI, "fermee"),
        ("une offre dure", PROPOSEE, MIDI, ""),
        ("jusqu'à sa dernière seconde", PROPOSEE, a_paris(2026, 9, 4, 18, 0, 59), ""),
        ("puis passe au suivant", PROPOSEE, a_paris(2026, 9, 4, 18, 1), "sans_reponse"),
        ("une limite avancée depuis l'emporte", replace(PROPOSEE, limite_reservation=MIDI), MIDI, "sans_reponse"),
        ("une offre survit à la fin de la liste", replace(PROPOSEE, liste_attente=False), MIDI, ""),
        ("réservé, on n'attend plus", Attente("reservee", LIMITE), LIMITE, ""),
    ],
)
def test_ce_qui_met_fin_a_une_attente(nom, attente, maintenant, raison):
    assert raison_de_sortir(attente, maintenant) == raison


@given(st.sampled_from(["attente", "proposee"]), instants, instants, st.booleans(), st.booleans(), instants, instants)
def test_une_attente_finie_ne_revit_pas(etat, limite, offre, inscrit, liste, un, autre):
    attente = Attente(etat, limite, offre, True, inscrit, liste)
    tot, tard = sorted((un, autre))
    if raison_de_sortir(attente, tot):
        assert raison_de_sortir(attente, tard)


# --- Ce que la case en montre ---------------------------------------------------------------------------------------
COMPLETE = Faits(
    jour=dt.date(2026, 9, 7), activite="Accueil du soir", enfant="Hugo", limite_reservation=LIMITE,
    limite_annulation=LIMITE, debut=DEBUT, restantes=0, liste_attente=True,
)  # fmt: skip


@pytest.mark.parametrize(
    ("nom", "faits", "maintenant", "peut"),
    [
        ("complète, avec une liste", {}, MIDI, True),
        ("sans liste", {"liste_attente": False}, MIDI, False),
        ("il reste une place", {"restantes": 1}, MIDI, False),
        ("la limite est passée", {}, LIMITE, False),
        ("hors délai possible ne fait pas attendre", {"accepte_hors_delai": True}, LIMITE, False),
        ("non inscrit", {"inscrit": False}, MIDI, False),
        ("chez l'autre foyer", {"a_nous": False}, MIDI, False),
        ("suspendu", {"suspendue": "Facture impayée."}, MIDI, False),
        ("pas encore ouvert", {"ouvre_le": MIDI + dt.timedelta(days=1)}, MIDI, False),
        ("n'a pas lieu", {"ouverte": False}, MIDI, False),
        ("déjà réservé", {"etat": "reservee"}, MIDI, False),
        ("déjà sur la liste", {"etat": "attente"}, MIDI, False),
        ("une place est proposée", {"etat": "proposee", "offre_jusqu_a": LIMITE}, MIDI, False),
        ("annulée puis reprise", {"etat": "annulee"}, MIDI, True),
    ],
)
def test_on_n_attend_que_ce_qui_n_a_plus_de_place(nom, faits, maintenant, peut):
    assert regles.peut_attendre(replace(COMPLETE, **faits), maintenant) is peut


FIN = a_paris(2026, 9, 4, 18, 1)


@pytest.mark.parametrize(
    ("nom", "faits", "maintenant", "statut", "phrase"),
    [
        ("en attente", {"etat": "attente", "rang": 2}, MIDI, Statut.ATTENTE, "2e sur la liste"),
        ("en attente, la limite passée", {"etat": "attente", "rang": 2}, LIMITE, Statut.TROP_TARD, ""),
        ("proposée", {"etat": "proposee", "offre_jusqu_a": FIN}, MIDI, Statut.PROPOSE, "à vous jusqu'à demain 18 h"),
        ("proposée, trop tard", {"etat": "proposee", "offre_jusqu_a": FIN}, FIN, Statut.COMPLET, ""),
    ],
)
def test_la_case_dit_le_rang_et_l_offre(nom, faits, maintenant, statut, phrase):
    case = replace(COMPLETE, **faits)
    assert regles.statut(case, maintenant) == statut
    assert lisible(regles.phrase_case(case, statut, maintenant)) == phrase


def test_une_offre_passee_ne_se_prend_plus_meme_depuis_la_semaine():
    case = replace(COMPLETE, etat="proposee", offre_jusqu_a=FIN, restantes=0)
    assert regles.refus(case, True, FIN - dt.timedelta(seconds=1)) == ""
    assert regles.refus(case, True, FIN) == "complet"
    assert regles.refus(case, False, FIN) == ""


def test_le_refus_d_une_case_complete_dit_la_liste():
    ici = "Accueil du soir du lundi 7 septembre"
    assert regles.phrase_refus("complet", COMPLETE, MIDI) == (
        f"{ici} : complet, la liste d'attente s'ouvre depuis la case."
    )
    assert regles.phrase_refus("complet", replace(COMPLETE, etat="attente"), MIDI) == (
        f"{ici} : complet, Hugo est sur la liste d'attente."
    )
    assert regles.phrase_refus("complet", replace(COMPLETE, liste_attente=False), MIDI) == (
        f"{ici} : complet, il n'y a plus de place."
    )
