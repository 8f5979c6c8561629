-- Les parts rendues d'une ligne ne dépassent pas la ligne, et une ligne rendue en entier n'en rend plus aucune.
CREATE FUNCTION facturation_part_mesuree() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM facturation_lignerendue r WHERE r.ligne_id = NEW.ligne_id) THEN
    RAISE EXCEPTION 'Cette ligne est déjà rendue en entier.' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.montant + COALESCE((SELECT sum(c.montant) FROM facturation_lignecorrigee c WHERE c.ligne_id = NEW.ligne_id), 0)
     > (SELECT l.montant FROM facturation_ligne l WHERE l.id = NEW.ligne_id) THEN
    RAISE EXCEPTION 'Les parts rendues d''une ligne ne dépassent pas la ligne.'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER part_mesuree BEFORE INSERT ON facturation_lignecorrigee
  FOR EACH ROW EXECUTE FUNCTION facturation_part_mesuree();

-- Une contestation décidée ne reçoit plus ni question ni réponse.
CREATE FUNCTION facturation_precision_ouverte() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM facturation_contestation c WHERE c.id = NEW.contestation_id AND c.etat IN ('envoyee', 'question')
  ) THEN
    RAISE EXCEPTION 'Une contestation décidée ne reçoit plus de mots.' USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER precision_ouverte BEFORE INSERT OR UPDATE ON facturation_precision
  FOR EACH ROW EXECUTE FUNCTION facturation_precision_ouverte();
