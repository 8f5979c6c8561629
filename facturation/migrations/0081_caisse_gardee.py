"""Ce que la base garantit de la caisse, qui que ce soit qui écrive.

On ne rembourse qu'une avance ; un remboursement fait compte dans le reste à payer. Un bordereau, ce qu'il dépose et une
journée close ne changent plus. Et aux dates d'une journée close, la caisse ne s'écrit plus.
"""

from importlib import import_module

from django.db import migrations

RESTE_AVANT = import_module("facturation.migrations.0004_immuables").RESTE.replace("CREATE F", "CREATE OR REPLACE F", 1)
# Ce qui est remboursé ne paie plus aucune facture.
RESTE = RESTE_AVANT.replace(
    "FROM facturation_reglement\n    WHERE famille_id = foyer AND facture_id IS NULL AND annule_le IS NULL), 0)))",
    "FROM facturation_reglement\n    WHERE famille_id = foyer AND facture_id IS NULL AND annule_le IS NULL), 0)"
    " + COALESCE((\n    SELECT sum(montant) FROM facturation_remboursement\n"
    "    WHERE famille_id = foyer AND annule_le IS NULL), 0)))",
)
assert RESTE != RESTE_AVANT

GARDES = """
CREATE FUNCTION facturation_solde(foyer bigint) RETURNS numeric LANGUAGE sql STABLE AS $$
  SELECT COALESCE((SELECT sum(total) FROM facturation_facture WHERE famille_id = foyer), 0)
    - COALESCE((SELECT sum(a.montant) FROM facturation_avoir a JOIN facturation_facture f ON f.id = a.facture_id
                WHERE f.famille_id = foyer), 0)
    - COALESCE((SELECT sum(montant) FROM facturation_reglement WHERE famille_id = foyer AND annule_le IS NULL), 0)
    + COALESCE((SELECT sum(montant) FROM facturation_remboursement WHERE famille_id = foyer AND annule_le IS NULL), 0)
$$;

CREATE FUNCTION facturation_remboursement_mesure() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- Le foyer est verrouillé d'abord : deux remboursements en même temps se comptent l'un après l'autre.
  PERFORM FROM familles_famille WHERE id = NEW.famille_id FOR NO KEY UPDATE;
  IF NEW.montant > -facturation_solde(NEW.famille_id) THEN
    RAISE EXCEPTION 'On ne rembourse pas plus que l''avance du foyer.' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER remboursement_mesure BEFORE INSERT ON facturation_remboursement
  FOR EACH ROW EXECUTE FUNCTION facturation_remboursement_mesure();

-- Il s'annule, une fois ; rien d'autre n'y change, sauf qu'à la fin de sa conservation la contestation disparaît.
CREATE TRIGGER remboursement_ne_change_plus BEFORE UPDATE ON facturation_remboursement FOR EACH ROW
  WHEN (OLD.annule_le IS NOT NULL AND NEW.annule_le IS DISTINCT FROM OLD.annule_le
        OR to_jsonb(NEW) - ARRAY['annule_le', 'annule_par_id', 'motif_annulation', 'contestation_id']
        IS DISTINCT FROM to_jsonb(OLD) - ARRAY['annule_le', 'annule_par_id', 'motif_annulation', 'contestation_id'])
  EXECUTE FUNCTION facturation_immuable();
CREATE TRIGGER remboursement_ne_s_efface_pas BEFORE DELETE ON facturation_remboursement
  FOR EACH ROW EXECUTE FUNCTION facturation_immuable();
CREATE TRIGGER bordereau_immuable BEFORE UPDATE OR DELETE ON facturation_bordereau
  FOR EACH ROW EXECUTE FUNCTION facturation_immuable();
CREATE TRIGGER depose_immuable BEFORE UPDATE OR DELETE ON facturation_depose
  FOR EACH ROW EXECUTE FUNCTION facturation_immuable();
CREATE TRIGGER journee_immuable BEFORE UPDATE OR DELETE ON facturation_journee
  FOR EACH ROW EXECUTE FUNCTION facturation_immuable();

CREATE FUNCTION facturation_depose_juste() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE recu record;
BEGIN
  SELECT moyen, annule_le, recu_le INTO recu FROM facturation_reglement WHERE id = NEW.reglement_id FOR UPDATE;
  IF recu.annule_le IS NOT NULL OR NOT EXISTS (
    SELECT FROM facturation_bordereau WHERE id = NEW.bordereau_id AND moyen = recu.moyen AND depose_le >= recu.recu_le
  ) THEN
    RAISE EXCEPTION 'Un bordereau ne dépose que des règlements valables, de son moyen et déjà reçus.'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER depose_juste BEFORE INSERT ON facturation_depose
  FOR EACH ROW EXECUTE FUNCTION facturation_depose_juste();

-- Qui écrit partage le verrou de la caisse, qui la clôt le prend seul : une écriture est avant la clôture, ou refusée.
CREATE FUNCTION facturation_jour_ouvert(quand date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(80, 1);
  IF EXISTS (SELECT FROM facturation_journee WHERE jour >= quand) THEN
    RAISE EXCEPTION 'La caisse du % est close.', quand USING ERRCODE = 'integrity_constraint_violation';
  END IF;
END $$;

CREATE FUNCTION facturation_ecriture_de_caisse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    PERFORM facturation_jour_ouvert((NEW.annule_le AT TIME ZONE 'Europe/Paris')::date);
  ELSIF TG_TABLE_NAME = 'facturation_reglement' THEN
    PERFORM facturation_jour_ouvert(NEW.recu_le);
  ELSIF TG_TABLE_NAME = 'facturation_remboursement' THEN
    PERFORM facturation_jour_ouvert(NEW.fait_le);
  ELSE
    PERFORM facturation_jour_ouvert(NEW.depose_le);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER reglement_jour_ouvert BEFORE INSERT ON facturation_reglement FOR EACH ROW
  WHEN (NEW.moyen IN ('cheque', 'especes', 'cesu', 'ancv')) EXECUTE FUNCTION facturation_ecriture_de_caisse();
CREATE TRIGGER reglement_annule_jour_ouvert BEFORE UPDATE ON facturation_reglement FOR EACH ROW
  WHEN (NEW.moyen IN ('cheque', 'especes', 'cesu', 'ancv') AND NEW.annule_le IS DISTINCT FROM OLD.annule_le)
  EXECUTE FUNCTION facturation_ecriture_de_caisse();
CREATE TRIGGER remboursement_jour_ouvert BEFORE INSERT ON facturation_remboursement FOR EACH ROW
  WHEN (NEW.moyen IN ('cheque', 'especes')) EXECUTE FUNCTION facturation_ecriture_de_caisse();
CREATE TRIGGER remboursement_annule_jour_ouvert BEFORE UPDATE ON facturation_remboursement FOR EACH ROW
  WHEN (NEW.moyen IN ('cheque', 'especes') AND NEW.annule_le IS DISTINCT FROM OLD.annule_le)
  EXECUTE FUNCTION facturation_ecriture_de_caisse();
CREATE TRIGGER bordereau_jour_ouvert BEFORE INSERT ON facturation_bordereau
  FOR EACH ROW EXECUTE FUNCTION facturation_ecriture_de_caisse();
-- Ce que la caisse a reçu ne se récrit pas : une saisie fausse s'annule.
CREATE TRIGGER reglement_ne_change_plus BEFORE UPDATE ON facturation_reglement FOR EACH ROW
  WHEN ((NEW.montant, NEW.moyen, NEW.recu_le, NEW.famille_id, NEW.nombre, NEW.valeur)
        IS DISTINCT FROM (OLD.montant, OLD.moyen, OLD.recu_le, OLD.famille_id, OLD.nombre, OLD.valeur))
  EXECUTE FUNCTION facturation_immuable();
CREATE TRIGGER reglement_ne_s_efface_pas BEFORE DELETE ON facturation_reglement
  FOR EACH ROW EXECUTE FUNCTION facturation_immuable();

CREATE FUNCTION facturation_journee_suivante() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(80, 1);
  IF EXISTS (SELECT FROM facturation_journee WHERE jour >= NEW.jour) THEN
    RAISE EXCEPTION 'La caisse du % est déjà close.', NEW.jour USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER journee_suivante BEFORE INSERT ON facturation_journee
  FOR EACH ROW EXECUTE FUNCTION facturation_journee_suivante();
"""

RETOUR = """
DROP TRIGGER journee_suivante ON facturation_journee;
DROP TRIGGER reglement_ne_s_efface_pas ON facturation_reglement;
DROP TRIGGER reglement_ne_change_plus ON facturation_reglement;
DROP TRIGGER bordereau_jour_ouvert ON facturation_bordereau;
DROP TRIGGER remboursement_annule_jour_ouvert ON facturation_remboursement;
DROP TRIGGER remboursement_jour_ouvert ON facturation_remboursement;
DROP TRIGGER reglement_annule_jour_ouvert ON facturation_reglement;
DROP TRIGGER reglement_jour_ouvert ON facturation_reglement;
DROP TRIGGER depose_juste ON facturation_depose;
DROP TRIGGER journee_immuable ON facturation_journee;
DROP TRIGGER depose_immuable ON facturation_depose;
DROP TRIGGER bordereau_immuable ON facturation_bordereau;
DROP TRIGGER remboursement_ne_s_efface_pas ON facturation_remboursement;
DROP TRIGGER remboursement_ne_change_plus ON facturation_remboursement;
DROP TRIGGER remboursement_mesure ON facturation_remboursement;
DROP FUNCTION facturation_journee_suivante(), facturation_ecriture_de_caisse(), facturation_jour_ouvert(date),
  facturation_depose_juste(), facturation_remboursement_mesure(), facturation_solde(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("facturation", "0080_caisse")]

    operations = [migrations.RunSQL(RESTE, RESTE_AVANT), migrations.RunSQL(GARDES, RETOUR)]
