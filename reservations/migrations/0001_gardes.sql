-- Le journal des réservations ne fait que s'allonger : la base elle-même refuse de le récrire. Il s'ouvre sur un seul
-- point : à la fin de la conservation d'une famille, le motif saisi s'efface. Il peut nommer quelqu'un, ou dire pourquoi un
-- enfant manque ; qui, quand, d'où et quoi restent, au nom d'un compte et d'un enfant qui n'en ont plus.
CREATE OR REPLACE FUNCTION journal_scelle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  -- La purge de fin de conservation le dit dans sa transaction : SET LOCAL portail.purge = 'oui'.
  IF TG_OP = 'UPDATE' AND current_setting('portail.purge', true) = 'oui'
     AND NEW.motif = '' AND to_jsonb(NEW) - 'motif' = to_jsonb(OLD) - 'motif' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'Le journal des réservations ne se récrit pas : une correction est un nouveau mouvement.'
    USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER journal_scelle BEFORE UPDATE OR DELETE ON reservations_mouvement
  FOR EACH ROW EXECUTE FUNCTION journal_scelle();

-- Chaque ligne du journal est au foyer de la réservation à cet instant : ce qui change de foyer n'emporte pas son passé. La
-- base pose ce foyer elle-même, quand celui qui écrit ne le dit pas : aucune ligne n'échappe à sa famille.
CREATE OR REPLACE FUNCTION journal_du_foyer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.famille_id IS NULL THEN
    SELECT famille_id INTO NEW.famille_id FROM reservations_reservation WHERE id = NEW.reservation_id;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER journal_du_foyer BEFORE INSERT ON reservations_mouvement
  FOR EACH ROW EXECUTE FUNCTION journal_du_foyer();
