"""La connexion à PostgreSQL : ce que ses types ont de particulier."""

import datetime as dt

import pytest
from django.db import connection

from familles.models import Famille

pytestmark = pytest.mark.django_db
ETE = dt.datetime(2026, 7, 1, 10, tzinfo=dt.UTC)


def test_un_instant_revient_en_utc_des_deux_cotes_du_changement_d_heure():
    with connection.cursor() as curseur:
        curseur.execute(
            "SELECT '2026-07-01 12:00:00+02'::timestamptz, '2026-12-01 12:00:00.25+01'::timestamptz, NULL::timestamptz"
        )
        ete, hiver, rien = curseur.fetchone()
    assert (ete, hiver, rien) == (ETE, dt.datetime(2026, 12, 1, 11, 0, 0, 250_000, tzinfo=dt.UTC), None)
    assert {ete.utcoffset(), hiver.utcoffset()} == {dt.timedelta(0)}


def test_une_requete_n_a_qu_un_plan_quel_que_soit_le_numero_du_foyer():
    for numero in (1, 40_000, 3_000_000_000) * 3:
        assert not Famille.objects.filter(pk=numero, nom="D'UN SEUL PLAN").exists()
    with connection.cursor() as curseur:
        curseur.execute(
            "SELECT parameter_types::text FROM pg_prepared_statements"
            " WHERE statement LIKE '%familles_famille%' AND 'bigint' = ANY(parameter_types::text[])"
        )
        plans = curseur.fetchall()
    assert len(plans) == 1, plans
