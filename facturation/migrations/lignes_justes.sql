-- Chaque facture, chaque enfant, chaque séance revient à des dizaines de lignes : on ne les cherche qu'une fois.
CREATE OR REPLACE FUNCTION facturation_lignes_justes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM (SELECT DISTINCT facture_id FROM nouvelles) n
    WHERE NOT EXISTS (SELECT FROM facturation_facture f WHERE f.id = n.facture_id)
  ) OR EXISTS (
    SELECT FROM (SELECT DISTINCT enfant_id FROM nouvelles) n
    WHERE NOT EXISTS (SELECT FROM familles_enfant e WHERE e.id = n.enfant_id)
  ) OR EXISTS (
    SELECT FROM (SELECT DISTINCT seance_id, jour, activite_id FROM nouvelles) n
    WHERE NOT EXISTS (
      SELECT FROM reservations_seance s
      WHERE s.id = n.seance_id AND s.jour = n.jour AND s.activite_id = n.activite_id
    )
  ) THEN
    RAISE EXCEPTION 'Une ligne désigne une facture, un enfant ou une séance (son jour, son activité) qui n''existe pas.'
      USING ERRCODE = 'foreign_key_violation';
  END IF;
  -- Par sous-requêtes, et non par jointure : après un lot défait, les statistiques disent la table vide, et le plan
  -- d'une jointure relirait toutes les nouvelles lignes pour chacune.
  IF EXISTS (
    SELECT FROM (SELECT DISTINCT facture_id FROM nouvelles) n
    WHERE (SELECT f.total FROM facturation_facture f WHERE f.id = n.facture_id)
        < (SELECT sum(l.montant) FROM facturation_ligne l WHERE l.facture_id = n.facture_id)
  ) THEN
    RAISE EXCEPTION 'Une facture émise ne reçoit plus de ligne : ses lignes dépasseraient son total.'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$;
