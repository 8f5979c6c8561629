-- Une version publiée du règlement ne se récrit pas.
CREATE OR REPLACE FUNCTION reglement_scelle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'Une version publiée du règlement ne se récrit pas : un changement en publie une autre.'
    USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER reglement_scelle BEFORE UPDATE OR DELETE ON inscriptions_versionreglement
  FOR EACH ROW EXECUTE FUNCTION reglement_scelle();
