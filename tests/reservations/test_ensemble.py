"""Ce qui se juge sur l'ensemble d'un enregistrement : la semaine, l'autre activité du jour, la classe."""

import datetime as dt
import threading

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from familles.regles.garde import CALENDRIER
from inscriptions.models import Condition
from reservations import regles
from reservations.actions import enregistrer, prevoir, reserver_ce_qui_se_peut
from reservations.models import Mouvement, Reservation
from tests import fabriques as f

PARENT = Mouvement.Origine.PARENT
LUNDI = dt.date(2026, 9, 7)
AVANT = f.a_paris(2026, 9, 1)
HUGO, CANTINE, SOIR = 1, 10, 20
NOMS = {CANTINE: "Cantine", SOIR: "Soir"}


def pas(n, activite=CANTINE, reserver=True, enfant=HUGO, classe=("école", "cp")):
    """Un changement du n-ième jour de la semaine."""
    return regles.Pas(enfant, activite + n, activite, LUNDI + dt.timedelta(days=n), reserver, classe)


def prises(*jours, activite=CANTINE, enfant=HUGO):
    return frozenset((enfant, activite, LUNDI + dt.timedelta(days=n)) for n in jours)


def juger(demande, deja=None, **reglages):
    deja = deja or regles.Deja(ouvertes=frozenset((a, LUNDI + dt.timedelta(days=n)) for a in NOMS for n in range(5)))
    prenoms = {HUGO: "Hugo", 2: "Lina", 3: "Tom"}
    manques = regles.examiner(demande, deja, regles.Reglages(NOMS, prenoms, **reglages))
    return [(m.pas.jour.weekday(), m.pas.activite, m.code) for m in manques]


def semaine(*jours):
    return {(HUGO, CANTINE, LUNDI): [LUNDI + dt.timedelta(days=n) for n in jours]}


MAX3, MIN2 = {"maximum": {CANTINE: 3}}, {"minimum": {CANTINE: 2}}


@pytest.mark.parametrize(
    ("demande", "deja", "reglages", "attendus"),
    [
        pytest.param([pas(0), pas(1), pas(3)], None, MAX3, [], id="trois jours sur trois"),
        pytest.param([pas(4), pas(0), pas(1), pas(3)], None, MAX3, [(4, CANTINE, "semaine_max")], id="le quatrième"),
        pytest.param([pas(3)], regles.Deja(prises(0, 1, 4)), MAX3, [(3, CANTINE, "semaine_max")], id="trois déjà"),
        pytest.param([pas(3), pas(4, reserver=False)], regles.Deja(prises(0, 1, 4)), MAX3, [], id="un pour un autre"),
        pytest.param([pas(4, reserver=False)], regles.Deja(prises(0, 1, 2, 3, 4)), MAX3, [],
                     id="la mairie en avait mis cinq : en ôter un se peut"),
        pytest.param([pas(0), pas(1)], regles.Deja(possibles=semaine(0, 1, 3, 4)), MIN2, [], id="deux d'un coup"),
        pytest.param([pas(0)], regles.Deja(possibles=semaine(0, 1, 3, 4)), MIN2, [(0, CANTINE, "semaine_min")],
                     id="un seul"),
        pytest.param([pas(0, reserver=False)], regles.Deja(prises(0), semaine(0, 1, 3, 4)), MIN2, [],
                     id="plus rien se peut"),
        pytest.param([pas(0, reserver=False)], regles.Deja(prises(0, 1), semaine(0, 1, 3, 4)), MIN2,
                     [(0, CANTINE, "semaine_min")], id="en ôter un sur deux"),
        pytest.param([pas(3)], regles.Deja(possibles=semaine(3)), MIN2, [], id="une semaine d'un seul jour"),
        pytest.param([pas(0, SOIR)], None, {"exige": {SOIR: {CANTINE}}}, [(0, SOIR, "exige")], id="le soir sans midi"),
        pytest.param([pas(0, SOIR), pas(0)], None, {"exige": {SOIR: {CANTINE}}}, [], id="les deux ensemble"),
        pytest.param([pas(0, SOIR)], regles.Deja(prises(0)), {"exige": {SOIR: {CANTINE}}}, [], id="midi déjà réservé"),
        pytest.param([pas(0, SOIR)], regles.Deja(), {"exige": {SOIR: {CANTINE}}}, [], id="pas de cantine ce jour-là"),
        pytest.param([pas(0, reserver=False)], regles.Deja(prises(0) | prises(0, activite=SOIR)),
                     {"exige": {SOIR: {CANTINE}}}, [(0, CANTINE, "exige")], id="ôter ce dont le soir a besoin"),
        pytest.param([pas(0), pas(0, SOIR)], None, {"exclut": {SOIR: {CANTINE}}},
                     [(0, CANTINE, "exclut"), (0, SOIR, "exclut")], id="jamais les deux"),
        pytest.param([pas(0)], regles.Deja(prises(0, activite=SOIR)), {"exclut": {SOIR: {CANTINE}}},
                     [(0, CANTINE, "exclut")], id="l'exclusion vaut dans les deux sens"),
        pytest.param([pas(0)], regles.Deja(classes={(CANTINE, ("école", "cp")): 2}), {"par_classe": {CANTINE: 2}},
                     [(0, CANTINE, "par_classe")], id="sa classe est pleine"),
        pytest.param([pas(0, classe=("école", "ce1"))], regles.Deja(classes={(CANTINE, ("école", "cp")): 2}),
                     {"par_classe": {CANTINE: 2}}, [], id="une autre classe"),
        pytest.param([pas(0, classe=("école", "cp", "b"))], regles.Deja(classes={(CANTINE, ("école", "cp", "a")): 2}),
                     {"par_classe": {CANTINE: 2}}, [], id="l'autre groupe du même niveau"),
        pytest.param([pas(0, classe=("école", "cp", "a"))], regles.Deja(classes={(CANTINE, ("école", "cp", "a")): 2}),
                     {"par_classe": {CANTINE: 2}}, [(0, CANTINE, "par_classe")], id="son groupe est plein"),
        pytest.param([pas(0, classe=None)], regles.Deja(classes={(CANTINE, ("école", "cp")): 2}),
                     {"par_classe": {CANTINE: 2}}, [], id="sans classe, on ne compte pas"),
        pytest.param([pas(0, enfant=2), pas(0, enfant=3)], regles.Deja(classes={(CANTINE, ("école", "cp")): 1}),
                     {"par_classe": {CANTINE: 2}}, [(0, CANTINE, "par_classe")], id="deux jumeaux, une place"),
        pytest.param([pas(0, enfant=2), pas(0, enfant=3, reserver=False)],
                     regles.Deja(prises(0, enfant=3), classes={(CANTINE, ("école", "cp")): 2}),
                     {"par_classe": {CANTINE: 2}}, [], id="la place d'un frère qui s'en va"),
        # Une chute en entraîne une autre : le soir du jour de trop n'a plus sa cantine.
        pytest.param([pas(0), pas(1), pas(1, SOIR)], None, {"maximum": {CANTINE: 1}, "exige": {SOIR: {CANTINE}}},
                     [(1, CANTINE, "semaine_max"), (1, SOIR, "exige")], id="en cascade"),
    ],
)  # fmt: skip
def test_un_ensemble(demande, deja, reglages, attendus):
    assert juger(demande, deja, **reglages) == attendus


jours = st.sets(st.integers(0, 4))


@given(jours, jours, st.integers(1, 5), st.integers(1, 5))
def test_ce_qui_reste_tient_toujours_les_regles(deja, demande, un, autre):
    """Quoi que l'on demande, le reste tient le maximum et le minimum, et une seconde lecture n'ôte plus rien."""
    minimum, maximum = sorted([un, autre])
    deja = set(sorted(deja)[:maximum])
    avant = regles.Deja(prises(*deja), semaine(0, 1, 2, 3, 4))
    reglages = {"minimum": {CANTINE: minimum}, "maximum": {CANTINE: maximum}}
    tous = [pas(n, reserver=n not in deja) for n in demande]
    tombes = {jour for jour, _, _ in juger(tous, avant, **reglages)}
    restants = [p for p in tous if p.jour.weekday() not in tombes]
    assert juger(restants, avant, **reglages) == []
    apres = deja ^ {p.jour.weekday() for p in restants}
    assert len(apres) <= maximum
    assert not restants or not apres or len(apres) >= minimum


# --- Dans la base ----------------------------------------------------------------------------------------------------
class Decor:
    def __init__(self, **cantine):
        self.foyer = f.famille()
        self.hugo = f.enfant(self.foyer, classe="cp")
        self.cantine = f.activite(site=self.hugo.ecole, nom="Cantine", **cantine)
        self.soir = f.activite(site=self.hugo.ecole, nom="Soir", genre="soir", heure_debut=dt.time(16),
                               heure_fin=dt.time(18))  # fmt: skip
        for activite in (self.cantine, self.soir):
            f.inscription(self.hugo, activite)
        self.midis = [f.seance(self.cantine, LUNDI + dt.timedelta(days=n)) for n in (0, 1, 3, 4)]
        self.soirs = [f.seance(self.soir, LUNDI + dt.timedelta(days=n)) for n in (0, 1, 3, 4)]

    def enregistrer(self, *seances, annuler=(), maintenant=AVANT):
        souhaits = {(self.hugo.pk, s.pk): True for s in seances} | {(self.hugo.pk, s.pk): False for s in annuler}
        return enregistrer(self.foyer, self.foyer.compte, souhaits, maintenant, PARENT)


def codes(resultat):
    return [r.code for r in resultat.refus]


def test_la_semaine_a_son_maximum_et_la_phrase_le_dit(db):
    decor = Decor(semaine_max=2)
    assert codes(decor.enregistrer(*decor.midis[:2])) == []
    resultat = decor.enregistrer(decor.midis[2])
    assert [(r.code, r.phrase) for r in resultat.refus] == [
        ("semaine_max", "Cantine du jeudi 10 septembre : au plus 2 jours par semaine pour Hugo.")
    ]
    assert resultat.lot is None
    assert Reservation.objects.reservees().count() == 2
    assert codes(decor.enregistrer(decor.midis[2], annuler=[decor.midis[0]])) == []


def test_l_apercu_garde_ce_qui_tient(db):
    decor = Decor(semaine_max=2)
    resultat = prevoir(decor.foyer, {(decor.hugo.pk, s.pk): True for s in decor.midis}, AVANT)
    assert [c.seance for c in resultat.faits] == decor.midis[:2]
    assert codes(resultat) == ["semaine_max", "semaine_max"]


def test_le_minimum_ne_compte_que_les_jours_encore_possibles(db):
    decor = Decor(semaine_min=3)
    assert codes(decor.enregistrer(decor.midis[0])) == ["semaine_min"]
    # Le mercredi soir, il ne reste que jeudi et vendredi : deux suffisent.
    mercredi = f.a_paris(2026, 9, 9, 20)
    assert codes(decor.enregistrer(decor.midis[2], maintenant=mercredi)) == ["semaine_min"]
    assert codes(decor.enregistrer(*decor.midis[2:], maintenant=mercredi)) == []


def test_chaque_foyer_peut_tenir_le_minimum_avec_ses_seuls_jours(db):
    decor = Decor(semaine_min=3)
    pere = f.famille()
    f.rattacher(decor.hugo, pere)
    f.inscription(decor.hugo, decor.cantine, famille=pere)
    f.garde(decor.hugo, pere, decor.foyer, [(LUNDI, decor.midis[1].jour)], semaines=CALENDRIER)
    assert codes(decor.enregistrer(decor.midis[0])) == ["semaine_min"]
    assert codes(decor.enregistrer(*decor.midis[:2])) == []
    fin = {(decor.hugo.pk, seance.pk): True for seance in decor.midis[2:]}
    assert codes(enregistrer(pere, pere.compte, fin, AVANT, PARENT)) == []


@pytest.mark.parametrize("quoi", ["complet", "ferme", "pas_inscrit"])
def test_une_semaine_ou_il_ne_reste_que_deux_jours_en_demande_deux(db, quoi):
    decor = Decor(semaine_min=3)
    if quoi == "complet":
        for seance in decor.midis[2:]:
            seance.capacite = 0
            seance.save()
    elif quoi == "ferme":
        f.jour_ferme(decor.midis[2].jour, decor.midis[3].jour)
    else:
        decor.hugo.inscriptions.update(fin=decor.midis[1].jour)
    assert codes(decor.enregistrer(decor.midis[0])) == ["semaine_min"]
    assert codes(decor.enregistrer(*decor.midis[:2])) == []


def test_la_place_qu_une_regle_refuse_a_l_aine_n_est_pas_dite_complete_au_cadet(db):
    decor = Decor(semaine_max=1)
    lina = f.enfant(decor.foyer, prenom="Lina", ecole=decor.hugo.ecole, classe="cp")
    f.inscription(lina, decor.cantine)
    decor.enregistrer(decor.midis[0])
    decor.midis[1].capacite = 1
    decor.midis[1].save()
    souhaits = {(petit.pk, decor.midis[1].pk): True for petit in (decor.hugo, lina)}
    assert codes(prevoir(decor.foyer, souhaits, AVANT)) == ["semaine_max"]
    resultat = reserver_ce_qui_se_peut(decor.foyer, decor.foyer.compte, set(souhaits), AVANT)
    assert [(c.enfant, codes(resultat)) for c in resultat.faits] == [(lina, ["semaine_max"])]


def test_le_soir_va_avec_la_cantine(db):
    decor = Decor()
    Condition.objects.create(activite=decor.soir, autre=decor.cantine)
    resultat = decor.enregistrer(decor.soirs[0])
    assert resultat.refus[0].phrase == "Soir du lundi 7 septembre : réservez aussi « Cantine » ce jour-là."
    assert codes(decor.enregistrer(decor.soirs[0], decor.midis[0])) == []
    assert codes(decor.enregistrer(annuler=[decor.midis[0]])) == ["exige"]
    assert codes(decor.enregistrer(annuler=[decor.midis[0], decor.soirs[0]])) == []


def test_au_plus_deux_enfants_de_la_classe(db):
    decor = Decor(par_classe=2)
    for _ in range(2):
        f.reservation(f.enfant(ecole=decor.hugo.ecole, classe="cp"), decor.midis[0])
    f.reservation(f.enfant(ecole=f.ecole(), classe="cp"), decor.midis[1])
    resultat = decor.enregistrer(*decor.midis[:2])
    assert [r.phrase for r in resultat.refus] == [
        "Cantine du lundi 7 septembre : les 2 places de la classe de Hugo sont prises."
    ]
    assert codes(decor.enregistrer(decor.midis[1])) == []


def test_deux_cp_d_une_ecole_sont_deux_classes_et_un_groupe_tape_de_deux_facons_une_seule(db):
    decor = Decor(par_classe=2)
    decor.hugo.division = "Mme Petit"
    decor.hugo.save()
    for midi, groupes in enumerate([("B", "B", ""), ("MME PÉTIT", "mme petit"), ("Mme Petit", "B")]):
        for groupe in groupes:
            f.reservation(f.enfant(ecole=decor.hugo.ecole, classe="cp", division=groupe), decor.midis[midi])
    resultat = decor.enregistrer(*decor.midis[:3])
    assert [(r.code, r.phrase) for r in resultat.refus] == [
        ("par_classe", "Cantine du mardi 8 septembre : les 2 places de la classe de Hugo sont prises."),
    ]  # fmt: skip
    assert codes(decor.enregistrer(decor.midis[0], decor.midis[2])) == []


def test_un_foyer_suspendu_ne_reserve_plus_mais_annule_encore(db):
    decor = Decor()
    decor.enregistrer(decor.midis[0])
    decor.foyer.suspendue_le, decor.foyer.suspendue_motif = AVANT, "une facture attend depuis le 1er août 2026."
    decor.foyer.save()
    resultat = decor.enregistrer(decor.midis[1])
    assert resultat.refus[0].phrase == (
        "Cantine du mardi 8 septembre : une facture attend depuis le 1er août 2026."
    )
    assert codes(decor.enregistrer(annuler=[decor.midis[0]])) == []


def test_autant_de_requetes_pour_un_jour_que_pour_toute_la_semaine(db):
    decor = Decor(semaine_max=4, par_classe=10)
    Condition.objects.create(activite=decor.soir, autre=decor.cantine)

    def compter(*seances):
        with CaptureQueriesContext(connection) as lues:
            assert codes(decor.enregistrer(*seances)) == []
        return len(lues)

    un_jour = compter(decor.midis[0], decor.soirs[0])
    assert compter(*decor.midis[1:], *decor.soirs[1:]) <= un_jour


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("quoi", ["par_classe", "semaine_max"])
def test_ensemble_deux_familles_ou_deux_onglets_ne_depassent_pas(quoi):
    """La dernière place d'une classe ne va qu'à un enfant ; deux onglets ne font pas une semaine de trop."""
    decor = Decor(**{quoi: 1})
    if quoi == "par_classe":
        autre = f.famille()
        tom = f.enfant(autre, classe="cp", ecole=decor.hugo.ecole)
        f.inscription(tom, decor.cantine)
        essais = [(decor.foyer, decor.hugo, decor.midis[0]), (autre, tom, decor.midis[0])]
    else:
        essais = [(decor.foyer, decor.hugo, seance) for seance in decor.midis]
    depart, obtenus = threading.Barrier(len(essais)), []

    def essayer(foyer, enfant, seance):
        try:
            depart.wait()
            obtenus.append(codes(enregistrer(foyer, foyer.compte, {(enfant.pk, seance.pk): True}, AVANT, PARENT)))
        finally:
            connection.close()

    fils = [threading.Thread(target=essayer, args=essai) for essai in essais]
    [fil.start() for fil in fils]
    [fil.join() for fil in fils]
    assert sorted(obtenus) == [[], *[[quoi]] * (len(essais) - 1)]
    assert Reservation.objects.reservees().count() == 1
