"""Une base remplie avant que les migrations ne soient réunies n'en rejoue aucune."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder


@pytest.mark.django_db
def test_une_base_d_avant_a_deja_ce_que_les_migrations_reunissent():
    reunies = {cle: m.replaces for cle, m in MigrationExecutor(connection).loader.disk_migrations.items() if m.replaces}
    assert {app for app, _ in reunies} >= {"commune", "familles", "facturation", "portail"}
    inscrites = MigrationRecorder(connection)
    for cle, anciennes in reunies.items():
        inscrites.record_unapplied(*cle)
        for ancienne in anciennes:
            inscrites.record_applied(*ancienne)
    executeur = MigrationExecutor(connection)
    assert executeur.migration_plan(executeur.loader.graph.leaf_nodes()) == []
