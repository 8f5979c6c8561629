-- Le journal des gestes : deux tablettes y laissent chacune le leur, et la base refuse qu'on le récrive.
CREATE OR REPLACE FUNCTION gestes_scelles() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'Le journal des pointages ne se récrit pas : une correction est un nouveau geste.'
    USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER gestes_scelles BEFORE UPDATE OR DELETE ON presences_geste
  FOR EACH ROW EXECUTE FUNCTION gestes_scelles();
