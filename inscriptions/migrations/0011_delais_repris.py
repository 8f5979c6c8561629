"""Les délais que chaque activité portait deviennent des règles ; le règlement publié ne se récrit pas.

La veille à 23 h 59, refusé ensuite, est la règle de la maison : elle ne s'écrit pas.
"""

from django.db import migrations

REPRENDRE = """
INSERT INTO inscriptions_regledelai (activite_id, geste, forme, nombre, decompte, heure, ensuite)
SELECT id, 'reserver', 'jours', reservation_jours, unite_delai, reservation_heure,
       CASE WHEN hors_delai THEN 'supplement' ELSE 'refuse' END
  FROM inscriptions_activite
 WHERE (reservation_jours, reservation_heure, unite_delai, hors_delai) <> (1, '23:59'::time, 'calendaires', false);
INSERT INTO inscriptions_regledelai (activite_id, geste, forme, nombre, decompte, heure, ensuite)
SELECT id, 'annuler', 'jours', annulation_jours, unite_delai, annulation_heure, 'refuse'
  FROM inscriptions_activite
 WHERE (annulation_jours, annulation_heure, unite_delai) <> (1, '23:59'::time, 'calendaires');
"""
# Défaire ne rend que ce que les colonnes savaient dire.
RENDRE = """
UPDATE inscriptions_activite a
   SET reservation_jours = r.nombre, reservation_heure = r.heure, hors_delai = r.ensuite = 'supplement',
       unite_delai = CASE r.decompte WHEN 'ouverture' THEN 'ouverture' ELSE 'calendaires' END
  FROM inscriptions_regledelai r
 WHERE r.activite_id = a.id AND r.geste = 'reserver' AND r.forme = 'jours' AND r.fin IS NULL;
UPDATE inscriptions_activite a SET annulation_jours = r.nombre, annulation_heure = r.heure
  FROM inscriptions_regledelai r
 WHERE r.activite_id = a.id AND r.geste = 'annuler' AND r.forme = 'jours' AND r.fin IS NULL;
DELETE FROM inscriptions_regledelai;
"""
SCELLER = """
CREATE FUNCTION reglement_scelle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'Une version publiée du règlement ne se récrit pas : un changement en publie une autre.'
    USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER reglement_scelle BEFORE UPDATE OR DELETE ON inscriptions_versionreglement
  FOR EACH ROW EXECUTE FUNCTION reglement_scelle();
"""
DESCELLER = """
DROP TRIGGER reglement_scelle ON inscriptions_versionreglement;
DROP FUNCTION reglement_scelle();
"""


class Migration(migrations.Migration):

    dependencies = [('inscriptions', '0010_regles_de_delai')]

    operations = [migrations.RunSQL(REPRENDRE, RENDRE), migrations.RunSQL(SCELLER, DESCELLER)]
