"""Relancer, échelonner, transmettre : les règles, en tables de cas nommés et en propriétés."""

import datetime as dt
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from facturation.regles import echeanciers as plans
from facturation.regles import relances
from facturation.regles.relances import PROPOSES, Dette

ECHEANCE = dt.date(2026, 10, 1)


def le(jours):
    return ECHEANCE + dt.timedelta(days=jours)


def dette(**champs):
    return Dette(**{"reste": D("28.50"), "echeance": ECHEANCE} | champs)


EXAMENS = {
    "la veille du premier niveau": (dette(), 6, None, "« Rappel amical » viendra le 08/10/2026"),
    "le jour du premier niveau": (dette(), 7, 1, ""),
    "très en retard, jamais relancée : le premier niveau quand même": (dette(), 90, 1, ""),
    "le premier reçu, trop tôt pour le second": (dette(recu=1), 20, None, "« Relance » viendra le 22/10/2026"),
    "le premier reçu, le second vient": (dette(recu=1), 21, 2, ""),
    "tous reçus": (dette(recu=3), 200, None, "toutes les relances sont faites"),
    "payée": (dette(reste=D("0")), 90, None, "il ne reste rien à payer"),
    "transmise": (dette(transmise=True), 90, None, "transmise au Trésor public"),
    "émise comme un titre": (dette(titre=True), 90, None, "un titre, que le Trésor recouvre déjà"),
    "échelonnée": (dette(echelonnee=True), 90, None, "un échéancier est tenu"),
    "contestée": (dette(contestee=True), 90, None, "une ligne contestée n'est pas encore décidée"),
    "payée en ligne, peut-être": (dette(en_ligne=True), 90, None, "un paiement en ligne attend son résultat"),
    "bientôt prélevée": (dette(debit=True), 90, None, "un prélèvement est en route"),
}


@pytest.mark.parametrize("nom", EXAMENS)
def test_chaque_facture_a_son_niveau_ou_sa_raison(nom):
    quoi, jours, rang, raison = EXAMENS[nom]
    niveau, dit = relances.examiner(quoi, PROPOSES, le(jours))
    assert (niveau and niveau.rang, dit) == (rang, raison)


def test_sans_niveau_personne_n_est_relance():
    assert relances.examiner(dette(), [], le(90)) == (None, "toutes les relances sont faites")


FOYERS = {
    "jamais relancé": (D("5"), None, 0, ""),
    "sous le seuil": (D("4.99"), None, 0, "moins que le seuil de relance"),
    "relancé ce matin": (D("50"), le(30), 30, "déjà relancé le 31/10/2026"),
    "la veille de l'intervalle": (D("50"), le(30), 39, "déjà relancé le 31/10/2026"),
    "l'intervalle passé": (D("50"), le(30), 40, ""),
}


@pytest.mark.parametrize("nom", FOYERS)
def test_un_foyer_se_laisse_tranquille_entre_deux(nom):
    total, derniere, jours, attendu = FOYERS[nom]
    assert relances.foyer_a_laisser(total, D("5"), derniere, 10, le(jours)) == attendu


def test_un_intervalle_de_zero_vaut_un_jour():
    assert relances.foyer_a_laisser(D("9"), D("5"), le(3), 0, le(3)) == "déjà relancé le 04/10/2026"


TRESOR = {
    "jamais relancée": (dette(), None, 200, "la dernière relance n'est pas faite"),
    "avant-dernière relance": (dette(recu=2), le(45), 200, "la dernière relance n'est pas faite"),
    "dernière relance, trop tôt": (dette(recu=3), le(45), 59, "à partir du 30/11/2026"),
    "dernière relance, le délai passé": (dette(recu=3), le(45), 60, ""),
    "contestée depuis": (dette(recu=3, contestee=True), le(45), 60, EXAMENS["contestée"][3]),
    "déjà transmise": (dette(recu=3, transmise=True), le(45), 60, "transmise au Trésor public"),
}


@pytest.mark.parametrize("nom", TRESOR)
def test_une_dette_va_au_tresor_apres_la_derniere_relance_et_son_delai(nom):
    quoi, relancee, jours, attendu = TRESOR[nom]
    assert relances.pas_encore_au_tresor(quoi, 3, relancee, 15, le(jours)) == attendu


def test_sans_aucun_niveau_rien_ne_se_transmet():
    assert relances.pas_encore_au_tresor(dette(), 0, None, 15, le(200)) == "la dernière relance n'est pas faite"


def test_les_petites_dettes_d_un_foyer_se_groupent_jusqu_au_seuil():
    assert not relances.atteint_le_seuil([D("14.99")], D("15"))
    assert relances.atteint_le_seuil([D("8"), D("7")], D("15"))


# --- L'échéancier -------------------------------------------------------------------------------------------------
@given(st.integers(1, 5_000_000), st.integers(1, 24))
def test_le_partage_fait_exactement_la_dette_a_un_centime_pres(centimes, nombre):
    total = D(centimes) / 100
    if centimes < nombre:
        with pytest.raises(ValueError, match="ne se partage pas"):
            plans.partager(total, nombre)
        return
    parts = plans.partager(total, nombre)
    assert (sum(parts), len(parts)) == (total, nombre)
    assert min(parts) > 0
    assert max(parts) - min(parts) <= D("0.01")
    assert parts == sorted(parts, reverse=True)
    assert all(part == part.quantize(D("0.01")) for part in parts)


@given(st.dates(dt.date(2024, 1, 1), dt.date(2032, 12, 31)), st.integers(1, 24))
def test_les_dates_vont_de_mois_en_mois_sans_en_sauter(premiere, nombre):
    dates = plans.dates(premiere, nombre)
    rangs = [jour.year * 12 + jour.month for jour in dates]
    assert rangs == list(range(rangs[0], rangs[0] + nombre))
    assert dates[0] == premiere
    assert all(jour.day == premiere.day or jour.day < premiere.day for jour in dates)


def test_le_31_devient_le_dernier_jour_d_un_mois_plus_court():
    assert plans.dates(dt.date(2026, 12, 31), 3) == [
        dt.date(2026, 12, 31), dt.date(2027, 1, 31), dt.date(2027, 2, 28)
    ]  # fmt: skip


TROIS = [(le(0), D("40")), (le(31), D("30")), (le(61), D("30"))]
POSITIONS = {
    # payé, jour, révoqué → état, part de chacune, prochaine, retard, à payer maintenant
    "avant la première": ("0", -5, False, ("tenu", ("0", "0", "0"), 0, "0", "40")),
    "le jour même, rien n'est en retard": ("0", 0, False, ("tenu", ("0", "0", "0"), 0, "0", "40")),
    "le lendemain": ("0", 1, False, ("retard", ("0", "0", "0"), 0, "40", "40")),
    "une partie": ("15", 1, False, ("retard", ("15", "0", "0"), 0, "25", "25")),
    "le dernier jour de patience": ("0", 10, False, ("retard", ("0", "0", "0"), 0, "40", "40")),
    "au-delà": ("0", 11, False, ("rompu", ("0", "0", "0"), 0, "40", "40")),
    "payée en avance, dans l'ordre": ("55", 1, False, ("tenu", ("40", "15", "0"), 1, "0", "15")),
    "deux en retard": ("39", 32, False, ("rompu", ("39", "0", "0"), 0, "31", "31")),
    "rattrapé, il est tenu de nouveau": ("70", 40, False, ("tenu", ("40", "30", "0"), 2, "0", "30")),
    "tout payé": ("100", 90, False, ("fini", ("40", "30", "30"), None, "0", "0")),
    "révoqué": ("40", 1, True, ("revoque", ("40", "0", "0"), 1, "0", "30")),
}


@pytest.mark.parametrize("nom", POSITIONS)
def test_ou_en_est_un_echeancier(nom):
    paye, jours, revoque, (etat, payes, prochaine, retard, maintenant) = POSITIONS[nom]
    position = plans.situer(TROIS, D(paye), le(jours), 10, revoque)
    assert position == (etat, D(paye), tuple(map(D, payes)), prochaine, D(retard))
    assert plans.a_payer_maintenant(TROIS, position) == D(maintenant)


@given(
    st.lists(st.integers(1, 9999), min_size=1, max_size=12), st.integers(0, 120_000), st.integers(-40, 400),
    st.integers(0, 5000),
)  # fmt: skip
def test_payer_davantage_n_aggrave_jamais_un_echeancier(centimes, paye, jours, de_plus):
    suite = [(jour, D(c) / 100) for jour, c in zip(plans.dates(ECHEANCE, len(centimes)), centimes, strict=True)]
    ordre = [plans.ROMPU, plans.RETARD, plans.TENU, plans.FINI]
    avant = plans.situer(suite, D(paye) / 100, le(jours), 10)
    apres = plans.situer(suite, D(paye + de_plus) / 100, le(jours), 10)
    assert ordre.index(apres.etat) >= ordre.index(avant.etat)
    assert apres.en_retard <= avant.en_retard
    assert avant.paye == min(D(paye) / 100, sum(montant for _, montant in suite))
    assert (avant.en_retard > 0) == (avant.etat in (plans.RETARD, plans.ROMPU))
