"""Les délais que portaient les activités sont repris en règles, sans en perdre ni en inventer."""

import datetime as dt

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

AVANT = [("inscriptions", "0003_accueil_places_et_fins"), ("reservations", "0005_place_proposee")]


@pytest.mark.django_db(transaction=True)
def test_les_delais_des_activites_deviennent_des_regles():
    executeur = MigrationExecutor(connection)
    derniers = executeur.loader.graph.leaf_nodes()
    executeur.migrate(AVANT)
    try:
        avant = executeur.loader.project_state(AVANT).apps
        ecole = avant.get_model("commune", "Ecole").objects.create(nom="Centre", niveau="primaire")
        commun = {"genre": "midi", "site": ecole, "jours": [0], "heure_debut": dt.time(12), "heure_fin": dt.time(13)}
        activites = avant.get_model("inscriptions", "Activite").objects
        activites.create(nom="Maison", **commun)
        stricte = activites.create(
            nom="Stricte", **commun, unite_delai="ouverture", reservation_jours=3, reservation_heure=dt.time(11),
            hors_delai=True,
        )  # fmt: skip
        instant = dt.datetime(2026, 9, 7, tzinfo=dt.UTC)
        avant.get_model("reservations", "Seance").objects.create(
            activite=stricte, jour=dt.date(2026, 9, 7), limite_reservation=instant, limite_annulation=instant
        )
    finally:
        executeur = MigrationExecutor(connection)
        executeur.migrate(derniers)
    apres = executeur.loader.project_state(derniers).apps
    lues = apres.get_model("inscriptions", "RegleDelai").objects.order_by("-geste").values_list(
        "activite__nom", "geste", "forme", "nombre", "decompte", "heure", "ensuite"
    )
    assert list(lues) == [
        ("Stricte", "reserver", "jours", 3, "ouverture", dt.time(11), "supplement"),
        # Annuler comptait les mêmes jours : le jour d'ouverture d'avant n'est pas la veille.
        ("Stricte", "annuler", "jours", 1, "ouverture", dt.time(23, 59), "refuse"),
    ]
    assert apres.get_model("reservations", "Seance").objects.get().apres_limite == "supplement"
