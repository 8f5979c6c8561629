"""Ce que la base garantit du recouvrement, qui que ce soit qui écrive.

Une relance faite, une échéance et un état remis ne changent plus ; les échéances d'un plan font exactement sa dette ;
une facture n'est jamais à la fois dans un échéancier ouvert et chez le Trésor.
"""

from django.db import migrations

GARDES = """
CREATE TRIGGER relance_immuable BEFORE UPDATE OR DELETE ON facturation_relance
  FOR EACH ROW EXECUTE FUNCTION facturation_immuable();
CREATE TRIGGER etatdesrestes_immuable BEFORE UPDATE OR DELETE ON facturation_etatdesrestes
  FOR EACH ROW EXECUTE FUNCTION facturation_immuable();
CREATE TRIGGER echeance_ne_s_efface_pas BEFORE DELETE ON facturation_echeance
  FOR EACH ROW EXECUTE FUNCTION facturation_immuable();
-- Seul le rappel d'un retard s'y note.
CREATE TRIGGER echeance_ne_change_plus BEFORE UPDATE ON facturation_echeance FOR EACH ROW
  WHEN (to_jsonb(NEW) - 'rappelee_le' IS DISTINCT FROM to_jsonb(OLD) - 'rappelee_le')
  EXECUTE FUNCTION facturation_immuable();
CREATE TRIGGER transmission_ne_s_efface_pas BEFORE DELETE ON facturation_transmission
  FOR EACH ROW EXECUTE FUNCTION facturation_immuable();
-- Elle se retire, une fois.
CREATE TRIGGER transmission_ne_change_plus BEFORE UPDATE ON facturation_transmission FOR EACH ROW
  WHEN (OLD.annulee_le IS NOT NULL
        OR to_jsonb(NEW) - ARRAY['annulee_le', 'annulee_par_id', 'motif_annulation']
        IS DISTINCT FROM to_jsonb(OLD) - ARRAY['annulee_le', 'annulee_par_id', 'motif_annulation'])
  EXECUTE FUNCTION facturation_immuable();

CREATE FUNCTION facturation_echeancier_juste() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE quel bigint; du numeric;
BEGIN
  quel := CASE TG_TABLE_NAME WHEN 'facturation_echeancier' THEN (to_jsonb(NEW)->>'id')::bigint
                             ELSE (to_jsonb(NEW)->>'echeancier_id')::bigint END;
  SELECT total INTO du FROM facturation_echeancier WHERE id = quel;
  IF du IS DISTINCT FROM (SELECT sum(montant) FROM facturation_echeance WHERE echeancier_id = quel)
     OR du IS DISTINCT FROM (SELECT sum(montant) FROM facturation_factureechelonnee WHERE echeancier_id = quel)
     OR EXISTS (SELECT FROM facturation_factureechelonnee e JOIN facturation_facture f ON f.id = e.facture_id
                JOIN facturation_echeancier p ON p.id = e.echeancier_id
                WHERE e.echeancier_id = quel AND f.famille_id <> p.famille_id) THEN
    RAISE EXCEPTION 'Les échéances d''un plan font exactement la dette de ses factures, d''un seul foyer.'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER echeancier_juste AFTER INSERT OR UPDATE OF total, famille_id ON facturation_echeancier
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION facturation_echeancier_juste();
CREATE CONSTRAINT TRIGGER echeance_juste AFTER INSERT ON facturation_echeance
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION facturation_echeancier_juste();
CREATE CONSTRAINT TRIGGER factureechelonnee_juste
  AFTER INSERT OR UPDATE OF montant, facture_id ON facturation_factureechelonnee
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION facturation_echeancier_juste();

CREATE FUNCTION facturation_ou_l_un_ou_l_autre() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- La facture est verrouillée d'abord : un plan et une transmission en même temps se suivent.
  PERFORM FROM facturation_facture WHERE id = NEW.facture_id FOR NO KEY UPDATE;
  IF EXISTS (SELECT FROM facturation_factureechelonnee WHERE facture_id = NEW.facture_id AND ouverte)
     AND EXISTS (SELECT FROM facturation_transmission WHERE facture_id = NEW.facture_id AND annulee_le IS NULL) THEN
    RAISE EXCEPTION 'Une facture transmise au Trésor n''a pas d''échéancier ouvert.'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER factureechelonnee_pas_transmise AFTER INSERT OR UPDATE ON facturation_factureechelonnee
  FOR EACH ROW WHEN (NEW.ouverte) EXECUTE FUNCTION facturation_ou_l_un_ou_l_autre();
CREATE TRIGGER transmission_pas_echelonnee AFTER INSERT ON facturation_transmission
  FOR EACH ROW EXECUTE FUNCTION facturation_ou_l_un_ou_l_autre();
"""
RETOUR = """
DROP TRIGGER relance_immuable ON facturation_relance;
DROP TRIGGER etatdesrestes_immuable ON facturation_etatdesrestes;
DROP TRIGGER echeance_ne_s_efface_pas ON facturation_echeance;
DROP TRIGGER echeance_ne_change_plus ON facturation_echeance;
DROP TRIGGER transmission_ne_s_efface_pas ON facturation_transmission;
DROP TRIGGER transmission_ne_change_plus ON facturation_transmission;
DROP TRIGGER echeancier_juste ON facturation_echeancier;
DROP TRIGGER echeance_juste ON facturation_echeance;
DROP TRIGGER factureechelonnee_juste ON facturation_factureechelonnee;
DROP TRIGGER factureechelonnee_pas_transmise ON facturation_factureechelonnee;
DROP TRIGGER transmission_pas_echelonnee ON facturation_transmission;
DROP FUNCTION facturation_echeancier_juste();
DROP FUNCTION facturation_ou_l_un_ou_l_autre();
"""


class Migration(migrations.Migration):
    dependencies = [("facturation", "0090_recouvrement")]

    operations = [migrations.RunSQL(GARDES, RETOUR)]
