"""Les lignes sont vérifiées d'un bloc, par instruction, plutôt que clé par clé et ligne par ligne."""

import django.db.models.deletion
from django.db import migrations, models

VERIFIER = """
DROP TRIGGER ligne_en_trop ON facturation_ligne;
DROP FUNCTION facturation_lignes_en_trop();

CREATE FUNCTION facturation_lignes_justes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM nouvelles n
    LEFT JOIN facturation_facture f ON f.id = n.facture_id
    LEFT JOIN reservations_seance s ON s.id = n.seance_id AND s.jour = n.jour AND s.activite_id = n.activite_id
    LEFT JOIN familles_enfant e ON e.id = n.enfant_id
    WHERE f.id IS NULL OR s.id IS NULL OR e.id IS NULL
  ) THEN
    RAISE EXCEPTION 'Une ligne désigne une facture, un enfant ou une séance (son jour, son activité) qui n''existe pas.'
      USING ERRCODE = 'foreign_key_violation';
  END IF;
  IF EXISTS (
    SELECT FROM facturation_facture f
    JOIN facturation_ligne l ON l.facture_id = f.id
    WHERE f.id IN (SELECT facture_id FROM nouvelles)
    GROUP BY f.id HAVING sum(l.montant) > f.total
  ) THEN
    RAISE EXCEPTION 'Une facture émise ne reçoit plus de ligne : ses lignes dépasseraient son total.'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER ligne_juste AFTER INSERT ON facturation_ligne
  REFERENCING NEW TABLE AS nouvelles FOR EACH STATEMENT EXECUTE FUNCTION facturation_lignes_justes();
"""

RETOUR = """
DROP TRIGGER ligne_juste ON facturation_ligne;
DROP FUNCTION facturation_lignes_justes();
CREATE FUNCTION facturation_lignes_en_trop() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER ligne_en_trop AFTER INSERT ON facturation_ligne
  FOR EACH STATEMENT EXECUTE FUNCTION facturation_lignes_en_trop();
"""


def cle(vers, nom):
    return models.ForeignKey(
        db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=vers,
        verbose_name=nom,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("facturation", "0004_immuables"),
        ("familles", "0002_liens"),
        ("inscriptions", "0002_liens"),
        ("reservations", "0001_initiale"),
    ]

    operations = [
        migrations.RemoveConstraint("ligne", "ligne_unique"),
        migrations.AlterField("ligne", "activite", cle("inscriptions.activite", "activité")),
        migrations.AlterField("ligne", "enfant", cle("familles.enfant", "enfant")),
        migrations.AlterField("ligne", "seance", cle("reservations.seance", "séance")),
        migrations.AlterField(
            "ligne",
            "facture",
            models.ForeignKey(
                db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name="lignes",
                to="facturation.facture", verbose_name="facture",
            ),
        ),
        migrations.AddConstraint(
            "ligne", models.UniqueConstraint(fields=("seance", "enfant", "facture"), name="ligne_unique")
        ),
        migrations.RunSQL(VERIFIER, RETOUR),
    ]
