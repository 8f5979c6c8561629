"""Ce que la base garantit des pièces comptables, qui que ce soit qui écrive.

Une facture émise, ses lignes et ses avoirs ne changent plus ; la somme des lignes est le total ; les avoirs ne dépassent
pas la facture. Et le reste à payer, que l'on filtre et trie, se calcule ici, en un seul endroit.
"""

from django.db import migrations

IMMUABLES = """
CREATE FUNCTION facturation_immuable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'Une pièce émise ne se modifie pas et ne s''efface pas (%) : une facture se corrige par un avoir.',
    TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- Seul le PDF s'ajoute après coup : il est fait à la première demande.
CREATE TRIGGER facture_ne_change_plus BEFORE UPDATE ON facturation_facture
  FOR EACH ROW WHEN (to_jsonb(NEW) - 'pdf' IS DISTINCT FROM to_jsonb(OLD) - 'pdf')
  EXECUTE FUNCTION facturation_immuable();
CREATE TRIGGER facture_ne_s_efface_pas BEFORE DELETE ON facturation_facture
  FOR EACH ROW EXECUTE FUNCTION facturation_immuable();
CREATE TRIGGER ligne_immuable BEFORE UPDATE OR DELETE ON facturation_ligne
  FOR EACH ROW EXECUTE FUNCTION facturation_immuable();
CREATE TRIGGER avoir_immuable BEFORE UPDATE OR DELETE ON facturation_avoir
  FOR EACH ROW EXECUTE FUNCTION facturation_immuable();

-- Une ligne de plus ferait dépasser le total imprimé : une instruction entière se vérifie d'un coup.
CREATE FUNCTION facturation_lignes_en_trop() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
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
CREATE TRIGGER ligne_en_trop AFTER INSERT ON facturation_ligne
  REFERENCING NEW TABLE AS nouvelles FOR EACH STATEMENT EXECUTE FUNCTION facturation_lignes_en_trop();

-- À la fin de la transaction, le total est la somme des lignes, au centime.
CREATE FUNCTION facturation_total_juste() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.total <> (SELECT COALESCE(sum(montant), 0) FROM facturation_ligne WHERE facture_id = NEW.id) THEN
    RAISE EXCEPTION 'Le total de la facture %-% n''est pas la somme de ses lignes.', NEW.exercice, NEW.numero
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER facture_total_juste AFTER INSERT ON facturation_facture
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION facturation_total_juste();

CREATE FUNCTION facturation_avoir_mesure() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE plafond numeric;
BEGIN
  -- La facture est verrouillée d'abord : deux avoirs en même temps se comptent l'un après l'autre.
  SELECT total INTO plafond FROM facturation_facture WHERE id = NEW.facture_id FOR UPDATE;
  IF NEW.montant + (SELECT COALESCE(sum(montant), 0) FROM facturation_avoir WHERE facture_id = NEW.facture_id) > plafond
  THEN
    RAISE EXCEPTION 'Les avoirs d''une facture ne dépassent pas son total.'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER avoir_mesure BEFORE INSERT ON facturation_avoir
  FOR EACH ROW EXECUTE FUNCTION facturation_avoir_mesure();
"""

RETOUR_IMMUABLES = """
DROP TRIGGER avoir_mesure ON facturation_avoir;
DROP TRIGGER avoir_immuable ON facturation_avoir;
DROP TRIGGER ligne_en_trop ON facturation_ligne;
DROP TRIGGER ligne_immuable ON facturation_ligne;
DROP TRIGGER facture_total_juste ON facturation_facture;
DROP TRIGGER facture_ne_s_efface_pas ON facturation_facture;
DROP TRIGGER facture_ne_change_plus ON facturation_facture;
DROP FUNCTION facturation_avoir_mesure(), facturation_lignes_en_trop(), facturation_total_juste(), facturation_immuable();
"""

# Chaque facture reçoit les règlements qui la désignent ; le surplus et ce qui ne désigne rien descendent sur les plus
# anciennes. Le filtre sur le foyer borne la lecture à ses seules factures.
RESTE = """
CREATE FUNCTION facturation_reste(quelle bigint, foyer bigint) RETURNS numeric LANGUAGE sql STABLE AS $$
  WITH nettes AS (
    SELECT f.id, f.mois,
      f.total - COALESCE((SELECT sum(a.montant) FROM facturation_avoir a WHERE a.facture_id = f.id), 0)
        - COALESCE((SELECT sum(r.montant) FROM facturation_reglement r
                    WHERE r.facture_id = f.id AND r.annule_le IS NULL), 0) AS net
    FROM facturation_facture f WHERE f.famille_id = foyer
  ), rangees AS (
    SELECT id, GREATEST(net, 0) AS du, sum(GREATEST(net, 0)) OVER (ORDER BY mois, id) AS jusque_la,
      sum(GREATEST(-net, 0)) OVER () AS surplus
    FROM nettes
  )
  SELECT GREATEST(0, LEAST(du, jusque_la - surplus - COALESCE((
    SELECT sum(montant) FROM facturation_reglement
    WHERE famille_id = foyer AND facture_id IS NULL AND annule_le IS NULL), 0)))
  FROM rangees WHERE id = quelle
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("facturation", "0003_regie_reprise_et_jetons")]

    operations = [
        migrations.RunSQL(IMMUABLES, RETOUR_IMMUABLES),
        migrations.RunSQL(RESTE, "DROP FUNCTION facturation_reste(bigint, bigint);"),
    ]
