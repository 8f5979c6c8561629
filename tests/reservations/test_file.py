"""La file : équitable, une place par foyer, bon marché, et que rien ne fait perdre."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from reservations import regles
from reservations.actions import admettre, finir_si_vide, position, quitter, revenir, suivre
from reservations.models import Ouverture, Ticket
from tests import fabriques as f

from .ouverture import AVANT, NEUF_HEURES, UNE_SECONDE, Decor
from .test_enregistrement import ensemble

UNE_MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def decor(db):
    return Decor(a_la_fois=2)


def suivent(decor, foyers, maintenant):
    return [suivre(decor.ouverture.pk, foyer.compte, maintenant) for foyer in foyers]


def rangs(decor, foyers, maintenant=NEUF_HEURES):
    return [position(decor.ouverture.pk, foyer.compte, maintenant).rang for foyer in foyers]


# --- Les règles ---------------------------------------------------------------------------------------------------
instants = st.integers(-3600, 3600).map(lambda s: NEUF_HEURES + dt.timedelta(seconds=s))


@given(st.integers(100_000, 999_999).map(str), instants, instants)
def test_venir_tot_ne_change_rien_venir_apres_met_derriere(numero, un, deux):
    avant, apres = sorted([un, deux])
    premier, second = (regles.ordre_de_file("graine", numero, i, NEUF_HEURES) for i in (avant, apres))
    if apres < NEUF_HEURES:
        assert premier == second
    else:
        assert premier <= second
    assert (premier < regles.TARDIFS) == (avant < NEUF_HEURES)


def test_les_rangs_de_la_salle_d_attente_sont_au_hasard():
    """Le premier arrivé sort premier une fois sur dix, comme les autres."""
    numeros = [str(100_000 + n) for n in range(10)]
    premiers = dict.fromkeys(numeros, 0)
    for n in range(2000):
        ordres = {numero: regles.ordre_de_file(f"graine {n}", numero, AVANT, NEUF_HEURES) for numero in numeros}
        premiers[min(ordres, key=ordres.get)] += 1
    assert all(140 < n < 260 for n in premiers.values()), premiers  # 200 attendus, écart-type 13,4


@given(st.integers(0, 10_000), st.integers(1, 200))
def test_le_serveur_dit_quand_revenir_et_n_est_jamais_submerge(devant, a_la_fois):
    assert regles.DELAI_MIN <= regles.delai_dans_la_file(devant, a_la_fois) <= regles.DELAI_MAX
    assert regles.PRESENCE.total_seconds() / 2 > regles.DELAI_MAX


def test_deux_mille_cinq_cents_foyers_font_moins_de_soixante_dix_visites_par_seconde():
    assert sum(1 / regles.delai_dans_la_file(devant, 30) for devant in range(2500)) < 70


@given(st.floats(0.1, 100_000), st.integers(0, 10_000))
def test_avant_l_ouverture_on_revient_a_temps_et_pas_tous_ensemble(secondes, avant):
    delai = regles.delai_avant(secondes, avant)
    assert 0 < delai <= regles.AVANT_MAX
    assert delai <= secondes + 1 + regles.ETALEMENT


@pytest.mark.parametrize(
    ("devant", "recents", "attendu"),
    [
        (0, 0, "au plus 10 minutes"),
        (29, 0, "au plus 10 minutes"),
        (30, 0, "au plus 20 minutes"),
        (299, 60, "environ 15 minutes au rythme actuel, au plus 1 h 40"),
        (2999, 3, "au plus 16 h 40"),
    ],
)
def test_l_attente_se_dit_sans_mentir(devant, recents, attendu):
    estimation = regles.attente_estimee(devant, 30, 10, recents, 180)
    assert regles.phrase_attente(estimation).replace("\u00a0", " ") == attendu


# --- Prendre son rang ---------------------------------------------------------------------------------------------
def test_la_salle_d_attente_ouvre_une_heure_avant(decor):
    foyer = decor.foyer()
    trop_tot = NEUF_HEURES - dt.timedelta(hours=1) - UNE_SECONDE
    assert suivre(decor.ouverture.pk, foyer.compte, trop_tot).arrive_le is None
    assert suivre(decor.ouverture.pk, foyer.compte, trop_tot + UNE_SECONDE).arrive_le is not None


def test_le_rang_se_garde_a_recharger_a_changer_d_appareil_et_apres_une_panne(decor):
    foyers = [decor.foyer() for _ in range(6)]
    suivent(decor, foyers, AVANT)
    avant = rangs(decor, foyers)
    suivent(decor, foyers, NEUF_HEURES)
    suivent(decor, reversed(foyers), NEUF_HEURES + dt.timedelta(hours=2))  # une panne de deux heures
    assert rangs(decor, foyers) == avant
    assert sorted(avant) == [1, 2, 3, 4, 5, 6]


def test_les_deux_parents_d_un_foyer_ont_un_seul_rang(decor):
    from familles.models import Adulte

    foyer = decor.foyer()
    second = f.compte()
    Adulte.objects.create(
        famille=foyer, civilite="m", nom="LA STAR", prenom="Paul", lien="pere", telephone="06 12 34 56 79",
        responsable_legal=True, compte=second,
    )  # fmt: skip
    un, deux = (suivre(decor.ouverture.pk, compte, AVANT) for compte in (foyer.compte, second))
    assert un.ticket == deux.ticket


def test_qui_arrive_apres_passe_apres_dans_son_ordre(decor):
    tot = [decor.foyer() for _ in range(4)]
    suivent(decor, tot, AVANT)
    tard = [decor.foyer() for _ in range(4)]
    for n, foyer in enumerate(tard):
        suivre(decor.ouverture.pk, foyer.compte, NEUF_HEURES + n * UNE_SECONDE)
    assert sorted(rangs(decor, tot)) == [1, 2, 3, 4]
    assert rangs(decor, tard) == [5, 6, 7, 8]


def test_une_famille_sans_enfant_inscrit_n_entre_pas_dans_la_file(decor):
    etranger = f.famille()
    assert suivre(decor.ouverture.pk, etranger.compte, NEUF_HEURES) is None
    assert suivre(decor.ouverture.pk, f.compte(), NEUF_HEURES) is None
    assert Ticket.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_cinquante_foyers_et_leurs_doubles_clics_ont_cinquante_rangs_differents():
    decor = Decor(a_la_fois=5)
    foyers = [decor.foyer() for _ in range(25)]

    def visite(foyer):
        return lambda: suivre(decor.ouverture.pk, foyer.compte, NEUF_HEURES).ticket

    rendus = ensemble([visite(foyer) for foyer in foyers for _ in range(2)])
    assert None not in rendus
    assert Ticket.objects.count() == len(set(rendus)) == 25
    assert Ticket.objects.values("numero").distinct().count() == 25
    assert sorted(rangs(decor, foyers)) == list(range(1, 26))
    assert Ticket.objects.filter(admis_le__isnull=False).count() <= 5


# --- Entrer, chacun à son tour ------------------------------------------------------------------------------------
def test_les_premiers_rangs_entrent_et_pas_plus_que_la_salle(decor):
    foyers = [decor.foyer() for _ in range(5)]
    suivent(decor, foyers, AVANT)
    vues = suivent(decor, foyers, NEUF_HEURES)
    admis = set(Ticket.objects.filter(admis_le__isnull=False).values_list("famille", flat=True))
    par_rang = sorted(foyers, key=lambda foyer: rangs(decor, [foyer])[0])
    assert admis == {foyer.pk for foyer in par_rang[:2]}
    assert sum(v.est_admis(NEUF_HEURES) for v in suivent(decor, foyers, NEUF_HEURES)) == 2
    assert len(vues) == 5


def test_une_seconde_avant_l_ouverture_personne_n_entre(decor):
    foyers = [decor.foyer() for _ in range(3)]
    suivent(decor, foyers, AVANT)
    suivent(decor, foyers, AVANT)
    assert Ticket.objects.filter(admis_le__isnull=False).count() == 0


def test_qui_a_fini_laisse_sa_place_au_suivant(decor):
    foyers = [decor.foyer() for _ in range(3)]
    suivent(decor, foyers, AVANT)
    suivent(decor, foyers, NEUF_HEURES)
    admis = [foyer for foyer in foyers if position(decor.ouverture.pk, foyer.compte, NEUF_HEURES).admis_le]
    [dernier] = [foyer for foyer in foyers if foyer not in admis]
    plus_tard = NEUF_HEURES + UNE_MINUTE
    assert not suivre(decor.ouverture.pk, dernier.compte, plus_tard).admis_le
    assert quitter(decor.ouverture.pk, admis[0].compte, plus_tard) == 1
    assert suivre(decor.ouverture.pk, dernier.compte, plus_tard + UNE_SECONDE).est_admis(plus_tard + UNE_SECONDE)


def test_le_temps_d_un_foyer_finit_seul_et_il_reprend_un_rang_derriere(decor):
    foyers = [decor.foyer() for _ in range(3)]
    suivent(decor, foyers, AVANT)
    suivent(decor, foyers, NEUF_HEURES)
    premier = min(foyers, key=lambda foyer: rangs(decor, [foyer])[0])
    fin = NEUF_HEURES + dt.timedelta(minutes=10)
    assert position(decor.ouverture.pk, premier.compte, fin - UNE_SECONDE).est_admis(fin - UNE_SECONDE)
    assert suivre(decor.ouverture.pk, premier.compte, fin).a_passe(fin)
    assert revenir(decor.ouverture.pk, premier.compte, fin) == 1
    assert rangs(decor, [premier], fin) == [3]


def test_un_absent_garde_son_rang_mais_n_arrete_pas_la_file(decor):
    foyers = [decor.foyer() for _ in range(4)]
    suivent(decor, foyers, AVANT)
    absent, *presents = sorted(foyers, key=lambda foyer: rangs(decor, [foyer])[0])
    plus_tard = NEUF_HEURES + regles.PRESENCE + UNE_SECONDE
    suivent(decor, presents, plus_tard)
    suivent(decor, presents, plus_tard)
    assert [position(decor.ouverture.pk, p.compte, plus_tard).est_admis(plus_tard) for p in presents] == [
        True, True, False,
    ]  # fmt: skip
    quitter(decor.ouverture.pk, presents[0].compte, plus_tard)
    assert rangs(decor, [absent]) == [1]
    assert suivre(decor.ouverture.pk, absent.compte, plus_tard + UNE_SECONDE).est_admis(plus_tard + UNE_SECONDE)


@pytest.mark.django_db(transaction=True)
def test_cinquante_visites_simultanees_n_admettent_jamais_un_foyer_de_trop():
    decor = Decor(a_la_fois=7)
    foyers = [decor.foyer() for _ in range(20)]
    for foyer in foyers:
        suivre(decor.ouverture.pk, foyer.compte, AVANT)
    regime = position(decor.ouverture.pk, foyers[0].compte, NEUF_HEURES)
    ensemble([lambda: admettre(decor.ouverture.pk, regime, NEUF_HEURES)] * 50)
    assert Ticket.objects.filter(jusqu_a__gt=NEUF_HEURES).count() == 7


# --- La file se lève ----------------------------------------------------------------------------------------------
def test_la_file_se_leve_quand_elle_est_vide_et_pas_avant_une_demi_heure(decor):
    foyer = decor.foyer()
    suivre(decor.ouverture.pk, foyer.compte, NEUF_HEURES)
    demi_heure = NEUF_HEURES + dt.timedelta(minutes=regles.FILE_MINIMUM)
    assert finir_si_vide(decor.ouverture.pk, demi_heure - UNE_SECONDE) == 0
    assert finir_si_vide(decor.ouverture.pk, demi_heure) == 1
    assert Ouverture.objects.get().finie_le == demi_heure


def test_la_file_ne_se_leve_pas_tant_que_quelqu_un_attend(decor):
    foyers = [decor.foyer() for _ in range(3)]
    plus_tard = NEUF_HEURES + dt.timedelta(minutes=regles.FILE_MINIMUM)
    suivent(decor, foyers, plus_tard)
    assert finir_si_vide(decor.ouverture.pk, plus_tard) == 0
    assert Ouverture.objects.get().finie_le is None


# --- Bon marché ---------------------------------------------------------------------------------------------------
def test_une_visite_ordinaire_est_une_seule_question_a_la_base(decor):
    foyers = [decor.foyer() for _ in range(5)]
    suivent(decor, foyers, AVANT)
    suivent(decor, foyers, NEUF_HEURES)
    derniers = [v for v in foyers if not position(decor.ouverture.pk, v.compte, NEUF_HEURES).admis_le]
    with CaptureQueriesContext(connection) as contexte:
        suivre(decor.ouverture.pk, derniers[0].compte, NEUF_HEURES + UNE_SECONDE)
    assert len(contexte) == 1
