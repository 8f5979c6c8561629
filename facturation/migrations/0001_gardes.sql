-- Ce que la base garantit des pièces comptables, qui que ce soit qui écrive.

-- --- Les factures et les avoirs ---
-- Une facture émise, ses lignes et ses avoirs ne changent plus ; la somme des lignes est le total ; les avoirs ne
-- dépassent pas la facture.
CREATE OR REPLACE FUNCTION facturation_immuable() RETURNS trigger LANGUAGE plpgsql AS $$
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

-- À la fin de la transaction, le total est la somme des lignes, au centime.
CREATE OR REPLACE FUNCTION facturation_total_juste() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.total <> (SELECT COALESCE(sum(montant), 0) FROM facturation_ligne WHERE facture_id = NEW.id) THEN
    RAISE EXCEPTION 'Le total de la facture %-% n''est pas la somme de ses lignes.', NEW.exercice, NEW.numero
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER facture_total_juste AFTER INSERT ON facturation_facture
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION facturation_total_juste();

CREATE OR REPLACE FUNCTION facturation_avoir_mesure() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE TRIGGER ligne_rendue_immuable BEFORE UPDATE OR DELETE ON facturation_lignerendue
  FOR EACH ROW EXECUTE FUNCTION facturation_immuable();
CREATE TRIGGER ligne_corrigee_immuable BEFORE UPDATE OR DELETE ON facturation_lignecorrigee
  FOR EACH ROW EXECUTE FUNCTION facturation_immuable();

-- Les lignes sont vérifiées d'un bloc, par instruction, plutôt que clé par clé et ligne par ligne : un mois en écrit des
-- dizaines de milliers.
-- La fonction est dans lignes_justes.sql.
CREATE TRIGGER ligne_juste AFTER INSERT ON facturation_ligne
  REFERENCING NEW TABLE AS nouvelles FOR EACH STATEMENT EXECUTE FUNCTION facturation_lignes_justes();

-- --- La caisse ---
-- On ne rembourse qu'une avance ; un remboursement fait compte dans le reste à payer. Un bordereau, ce qu'il dépose et une
-- journée close ne changent plus. Et aux dates d'une journée close, la caisse ne s'écrit plus.
CREATE OR REPLACE FUNCTION facturation_solde(foyer bigint) RETURNS numeric LANGUAGE sql STABLE AS $$
  SELECT COALESCE((SELECT sum(total) FROM facturation_facture WHERE famille_id = foyer), 0)
    - COALESCE((SELECT sum(a.montant) FROM facturation_avoir a JOIN facturation_facture f ON f.id = a.facture_id
                WHERE f.famille_id = foyer), 0)
    - COALESCE((SELECT sum(montant) FROM facturation_reglement WHERE famille_id = foyer AND annule_le IS NULL), 0)
    + COALESCE((SELECT sum(montant) FROM facturation_remboursement WHERE famille_id = foyer AND annule_le IS NULL), 0)
$$;

CREATE OR REPLACE FUNCTION facturation_remboursement_mesure() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION facturation_depose_juste() RETURNS trigger LANGUAGE plpgsql AS $$
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
CREATE OR REPLACE FUNCTION facturation_jour_ouvert(quand date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock_shared(80, 1);
  IF EXISTS (SELECT FROM facturation_journee WHERE jour >= quand) THEN
    RAISE EXCEPTION 'La caisse du % est close.', quand USING ERRCODE = 'integrity_constraint_violation';
  END IF;
END $$;

CREATE OR REPLACE FUNCTION facturation_ecriture_de_caisse() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION facturation_journee_suivante() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(80, 1);
  IF EXISTS (SELECT FROM facturation_journee WHERE jour >= NEW.jour) THEN
    RAISE EXCEPTION 'La caisse du % est déjà close.', NEW.jour USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER journee_suivante BEFORE INSERT ON facturation_journee
  FOR EACH ROW EXECUTE FUNCTION facturation_journee_suivante();

-- --- Le recouvrement ---
-- Une relance faite, une échéance et un état remis ne changent plus ; les échéances d'un plan font exactement sa dette ;
-- une facture n'est jamais à la fois dans un échéancier ouvert et chez le Trésor.
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

CREATE OR REPLACE FUNCTION facturation_echeancier_juste() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE OR REPLACE FUNCTION facturation_ou_l_un_ou_l_autre() RETURNS trigger LANGUAGE plpgsql AS $$
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

-- --- Les exports ---
-- Ce qui fut donné, à qui et quand, ne se récrit ni ne s'efface.
CREATE TRIGGER export_immuable BEFORE UPDATE OR DELETE ON facturation_export
  FOR EACH ROW EXECUTE FUNCTION facturation_immuable();
