"""La recherche trouve sans accents ni majuscules, en Python comme en SQL."""

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from commune.admin import chercher
from commune.regles import replier
from familles.models import Famille
from tests import fabriques as f

LATIN = st.characters(codec="utf-8", min_codepoint=0x20, max_codepoint=0x24F, exclude_categories=("Cs", "Cc"))
VIETNAMIEN = st.characters(min_codepoint=0x1E00, max_codepoint=0x1EFF)
ACCENTS = st.sampled_from("\u0300\u0301\u0302\u0308\u0327")


def en_sql(textes):
    with connection.cursor() as curseur:
        curseur.execute("SELECT fold(t) FROM unnest(%s::text[]) WITH ORDINALITY AS u(t, n) ORDER BY n", [textes])
        return [ligne[0] for ligne in curseur.fetchall()]


@pytest.mark.django_db
@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(LATIN | VIETNAMIEN | ACCENTS, max_size=20), min_size=1, max_size=30))
def test_replier_en_python_est_le_fold_de_la_base(textes):
    assert [replier(t) for t in textes] == en_sql(textes)


@given(st.text(LATIN | ACCENTS))
def test_replier_deux_fois_ne_change_plus_rien(texte):
    assert replier(replier(texte)) == replier(texte)


@pytest.mark.parametrize(
    ("texte", "attendu"),
    [
        ("Élodie LA STAR", "elodie la star"),
        ("Cœur-de-Lion", "coeur-de-lion"),
        ("NOËL Ÿ Ç", "noel y c"),
        ("Łukasz Šimić Øster", "lukasz simic oster"),
        ("e\u0301le\u0300ve", "eleve"),
    ],
)
def test_replier(texte, attendu):
    assert replier(texte) == attendu


@pytest.mark.django_db
def test_chercher_veut_chaque_mot_quelque_part():
    etoile = f.famille(nom="L'ÉTOILÉ")
    f.famille(nom="DURAND")
    toutes = Famille.objects.all()

    def trouver(terme):
        return list(chercher(toutes, terme, "cle", "adultes__cle").distinct())

    assert trouver("etoile") == [etoile]
    assert trouver("  CÉLINE l'etoi ") == [etoile]
    assert trouver("durand etoile") == []
    assert len(trouver("")) == 2
