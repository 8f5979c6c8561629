"""« Présent » sur le planning de la famille : ce qu'un agent a vu, et seulement chez soi."""

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from presences.models import Pointage
from tests import fabriques as f

LUNDI = dt.date(2026, 9, 7)
ADRESSE = reverse("presences:famille") + f"?jour={LUNDI}"
MARDI = f.a_paris(2026, 9, 8, 10)


@pytest.fixture(autouse=True)
def mardi(db):
    with time_machine.travel(MARDI, tick=False):
        yield


@pytest.fixture
def cantine():
    f.commune()
    return f.activite(nom="Restauration")


def pointe(petit, seance, etat="present", famille=None):
    f.reservation(petit, seance, **({"famille": famille} if famille else {}))
    Pointage.objects.create(enfant=petit, seance=seance, etat=etat, recu_le=MARDI)
    return f'id="m{petit.pk}-{seance.pk}"'


def test_seuls_les_enfants_vus_sont_presents(client, cantine):
    foyer = f.famille()
    hugo, lina = f.enfant(foyer), f.enfant(foyer, prenom="Lina")
    lundi, mardi = f.seance(cantine, LUNDI), f.seance(cantine, LUNDI + dt.timedelta(days=1))
    vu, absent, vue = pointe(hugo, lundi), pointe(hugo, mardi, "absent"), pointe(lina, lundi)
    client.force_login(foyer.compte)
    page = client.get(ADRESSE).content.decode()
    assert (vu in page, vue in page, absent in page) == (True, True, False)
    d_un_enfant = client.get(f"{ADRESSE}&enfant={hugo.pk}").content.decode()
    assert (vu in d_un_enfant, vue in d_un_enfant) == (True, False)
    assert client.get(f"{ADRESSE}&enfant=9{'9' * 40}").status_code == 200


def test_la_journee_chez_l_autre_foyer_ne_se_dit_pas(client, cantine):
    mere, pere = f.famille(), f.famille()
    hugo = f.enfant(mere)
    f.rattacher(hugo, pere)
    chez_lui = pointe(hugo, f.seance(cantine, LUNDI), famille=pere)
    client.force_login(mere.compte)
    assert chez_lui not in client.get(ADRESSE).content.decode()
    client.force_login(pere.compte)
    assert chez_lui in client.get(ADRESSE).content.decode()


def test_le_planning_la_demande_des_que_la_semaine_est_commencee(client, cantine):
    foyer = f.famille()
    hugo = f.enfant(foyer)
    f.inscription(hugo, cantine)
    for jours in (0, 7):
        f.seance(cantine, LUNDI + dt.timedelta(days=jours))
    client.force_login(foyer.compte)
    page = reverse("reservations:planning_enfant", args=[hugo.pk])
    assert reverse("presences:famille") in client.get(page, {"jour": str(LUNDI)}).content.decode()
    suivante = client.get(page, {"jour": str(LUNDI + dt.timedelta(days=7))}).content.decode()
    assert reverse("presences:famille") not in suivante
