"""Deux clics vraiment simultanés, dans deux vraies transactions."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connection

from familles import actions
from familles.models import Adulte, Enfant
from tests import fabriques


def ensemble(action, fois=6):
    """Lance ``action`` dans plusieurs fils à la fois et rend leurs résultats."""

    def une_fois(_):
        try:
            return action()
        finally:
            connection.close()

    with ThreadPoolExecutor(fois) as fils:
        return list(fils.map(une_fois, range(fois)))


@pytest.mark.django_db(transaction=True)
def test_six_envois_simultanes_ne_creent_qu_un_enfant():
    foyer, jeton = fabriques.famille(), uuid4()

    def ajouter():
        return actions.ajouter_enfant(
            foyer,
            foyer.compte,
            jeton=jeton,
            identite={"nom": "La Star", "prenom": "Hugo", "sexe": "g", "date_naissance": fabriques.RENTREE},
            ecole={"ecole": None, "classe": ""},
            sante={},
            autorisations={"photo": True},
            entourage={foyer.adultes.get(): {"recupere"}},
            maintenant=fabriques.a_paris(2026, 11, 12),
        )

    assert len({enfant.pk for enfant in ensemble(ajouter)}) == 1
    hugo = Enfant.objects.get()
    assert hugo.autorisations.count() == hugo.personnes.count() == hugo.rattachements.count() == 1


@pytest.mark.django_db(transaction=True)
def test_six_envois_simultanes_ne_creent_qu_un_adulte():
    foyer, jeton = fabriques.famille(), uuid4()

    def ajouter():
        return actions.ajouter_adulte(
            foyer,
            foyer.compte,
            jeton=jeton,
            identite={
                "civilite": "m", "nom": "Dupont", "prenom": "Georges", "lien": "grand_parent",
                "responsable_legal": False,
            },
            telephones={"telephone": "", "telephone_travail": ""},
            enfants={},
            maintenant=fabriques.a_paris(2026, 11, 12),
        )  # fmt: skip

    assert len({adulte.pk for adulte in ensemble(ajouter)}) == 1
    assert Adulte.objects.filter(nom="DUPONT").count() == 1


@pytest.mark.django_db(transaction=True)
def test_le_lien_du_courriel_ouvert_deux_fois_n_ouvre_qu_un_foyer():
    compte = fabriques.compte()

    def ouvrir():
        return actions.creer_foyer(
            compte, civilite="mme", nom="La Star", prenom="celine", adresse="1 rue des Écoles", code_postal="86440",
            ville="Migné-Auxances", telephone="0612345678",
        )  # fmt: skip

    assert len({foyer.pk for foyer in ensemble(ouvrir)}) == 1
