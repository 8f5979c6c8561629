"""Le prix en cours : ce qui est montré, ce que l'on coche, et rien qui vienne du navigateur."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from facturation import regles
from familles.models import FicheSanitaire
from reservations.models import Reservation
from tests import fabriques as f

LUNDI = dt.date(2026, 9, 7)


# --- La règle -------------------------------------------------------------------------------------------------------
def fait(seance, reserve=True, **champs):
    return regles.Fait(1, 7, seance, LUNDI, 3, reserve, **champs)


@pytest.mark.parametrize(
    ("faits", "changements", "attendus"),
    [
        ([], [fait(1)], [fait(1)]),
        ([fait(1)], [fait(1, reserve=False)], []),
        ([fait(1), fait(2)], [fait(1, reserve=False), fait(3)], [fait(2), fait(3)]),
        ([], [fait(1, hors_delai=True)], [fait(1, hors_delai=True)]),
        ([], [fait(1, reserve=False)], []),
        ([fait(1, pointage="present")], [fait(1, reserve=False)], [fait(1, reserve=False, pointage="present")]),
    ],
    ids=["réserver", "annuler", "les deux", "hors délai", "annuler rien", "annuler un présent le laisse à facturer"],
)
def test_les_faits_supposes(faits, changements, attendus):
    assert regles.avec_changements(faits, changements) == attendus


@given(st.sets(st.integers(1, 20)), st.dictionaries(st.integers(1, 20), st.booleans()))
def test_supposer_puis_revenir_rend_les_faits_d_avant(reservees, changements):
    avant = [fait(n) for n in sorted(reservees)]
    apres = regles.avec_changements(avant, [fait(n, reserve=vers) for n, vers in changements.items()])
    retour = [fait(n, reserve=n in reservees) for n in changements]
    assert regles.avec_changements(apres, retour) == avant


# --- La page --------------------------------------------------------------------------------------------------------
@pytest.fixture(autouse=True)
def jeudi(db):
    with time_machine.travel(f.a_paris(2026, 9, 3, 18), tick=False):
        yield


class Decor:
    """Hugo et Lina à la même cantine ; le deuxième enfant a 10 % de remise, le hors délai coûte 1 € de plus."""

    def __init__(self, quotient=742):
        f.commune()
        self.foyer = f.famille()
        if quotient:
            self.foyer.quotients.create(valeur=quotient, debut=dt.date(2026, 9, 1), preuve="attestation")
        self.hugo = f.enfant(self.foyer)
        self.lina = f.enfant(self.foyer, prenom="Lina", date_naissance=dt.date(2021, 5, 1), ecole=self.hugo.ecole)
        self.cantine = f.activite(site=self.hugo.ecole, nom="Restauration")
        for petit in (self.hugo, self.lina):
            f.inscription(petit, self.cantine)
        self.seances = [
            f.seance(self.cantine, LUNDI + dt.timedelta(days=n), apres_limite="supplement") for n in (0, 1, 3, 4)
        ]
        f.tarif(ajustements=[("fratrie", "pourcentage", -10, 2), ("hors_delai", "montant", 1)])

    def envoi(self, *coches, vu=()):
        return {
            "vu": " ".join(f"{petit.pk}-{s.pk}{'+' if plus else ''}" for petit, s, plus in vu),
            "case": [f"{petit.pk}-{s.pk}" for petit, s in coches],
        }


@pytest.fixture
def decor(client):
    decor = Decor()
    client.force_login(decor.foyer.compte)
    return decor


ADRESSE = reverse("facturation:estimation") + f"?jour={LUNDI}"


def estimer(client, decor, *coches, vu=(), **entetes):
    return client.post(ADRESSE, decor.envoi(*coches, vu=vu), **entetes)


def texte(reponse):
    return reponse.content.decode().replace("\u00a0", " ").replace("&#x27;", "'")


def test_ce_qui_est_reserve_et_ce_que_l_on_coche_ont_chacun_leur_prix(client, decor):
    f.reservation(decor.hugo, decor.seances[0])
    lundi, mardi = decor.seances[:2]
    estimee = estimer(client, decor, (decor.hugo, lundi), (decor.hugo, mardi), (decor.lina, lundi),
                      vu=[(decor.hugo, lundi, True)]).context["estimation"]  # fmt: skip
    assert estimee.total == Decimal("2.85") * 2 + Decimal("2.57")
    assert estimee.ecart == Decimal("2.85") + Decimal("2.57")
    assert [(li.prenom, li.nombre, li.montant) for li in estimee.lignes] == [
        ("Hugo", 2, Decimal("5.70")), ("Lina", 1, Decimal("2.57")),
    ]  # fmt: skip
    assert "2e enfant (−10 %)" in estimee.lignes[1].prix.pourquoi.replace("\u00a0", " ")
    assert Reservation.objects.count() == 1


def test_annuler_l_aine_change_le_prix_du_cadet_et_l_ecart_le_dit(client, decor):
    lundi = decor.seances[0]
    for petit in (decor.hugo, decor.lina):
        f.reservation(petit, lundi)
    estimee = estimer(client, decor, (decor.lina, lundi), vu=[(decor.hugo, lundi, True), (decor.lina, lundi, True)])
    assert estimee.context["estimation"].total == Decimal("2.85")  # Lina n'est plus le deuxième enfant du mois
    assert estimee.context["estimation"].ecart == Decimal("2.85") - Decimal("2.85") - Decimal("2.57")


def test_les_cases_hors_delai_disent_leur_prix_sur_place(client, decor):
    lundi = decor.seances[0]
    with time_machine.travel(f.a_paris(2026, 9, 7, 9), tick=False):
        client.force_login(decor.foyer.compte)
        page = texte(estimer(client, decor, vu=[(decor.hugo, lundi, False)], headers={"hx-request": "true"}))
    assert f'id="x{decor.hugo.pk}-{lundi.pk}" hx-swap-oob="true">3,85 €<' in page
    assert "<html" not in page


def test_sans_quotient_c_est_une_estimation_et_elle_le_dit(client):
    decor = Decor(quotient=None)
    client.force_login(decor.foyer.compte)
    page = texte(estimer(client, decor, (decor.hugo, decor.seances[0])))
    assert "3,60 €" in page
    assert "Estimation" in page


def test_un_prix_envoye_ne_compte_pas(client, decor):
    envoi = decor.envoi((decor.hugo, decor.seances[0])) | {"prix": "0", "montant": "0", "total": "0"}
    assert client.post(ADRESSE, envoi).context["estimation"].total == Decimal("2.85")


def test_sans_tarif_la_page_le_dit(client, decor):
    autre = f.activite(site=decor.hugo.ecole, nom="Soir", genre="soir")
    f.inscription(decor.hugo, autre)
    page = texte(estimer(client, decor, (decor.hugo, f.seance(autre, LUNDI))))
    assert "pas encore fixé tous les tarifs" in page


def test_l_enfant_d_une_autre_famille_n_a_pas_de_prix(client, decor):
    etranger = f.enfant(f.famille(), ecole=decor.hugo.ecole, prenom="Secret")
    FicheSanitaire.objects.get_or_create(enfant=etranger)
    page = texte(estimer(client, decor, (etranger, decor.seances[0])))
    assert "Secret" not in page
    assert client.post(f"{ADRESSE}&enfant={etranger.pk}", decor.envoi()).status_code == 404


def test_autant_de_requetes_pour_une_case_que_pour_vingt(client, decor):
    for n in range(8):
        f.enfant(decor.foyer, prenom=f"Enfant{n}", ecole=decor.hugo.ecole)

    def requetes(coches):
        with CaptureQueriesContext(connection) as contexte:
            assert estimer(client, decor, *coches).status_code == 200
        return len(contexte)

    toutes = [(petit, s) for petit in (decor.hugo, decor.lina) for s in decor.seances]
    requetes(toutes)
    assert requetes(toutes) == requetes(toutes[:1]) <= 25
