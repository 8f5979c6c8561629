-- La base refuse de récrire une réponse au consentement, et le texte auquel on a répondu.
CREATE OR REPLACE FUNCTION consentement_immuable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- La purge de fin de conservation le dit dans sa transaction : SET LOCAL portail.purge = 'oui'.
    IF TG_OP = 'DELETE' AND current_setting('portail.purge', true) = 'oui' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'Une réponse au consentement ne se modifie ni ne s''efface : on en ajoute une.'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER consentement_immuable BEFORE UPDATE OR DELETE ON portail_consentement
    FOR EACH ROW EXECUTE FUNCTION consentement_immuable();

CREATE OR REPLACE FUNCTION texte_consentement_immuable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM portail_consentement WHERE texte_id = OLD.id) THEN
        RAISE EXCEPTION 'On a déjà répondu à ce texte : publiez une nouvelle version.'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER texte_consentement_immuable BEFORE UPDATE ON portail_texteconsentement
    FOR EACH ROW EXECUTE FUNCTION texte_consentement_immuable();
