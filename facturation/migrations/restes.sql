-- Ce qu'il reste à payer de chaque facture, tenu à jour par la base : chaque écriture range tout le compte du foyer.
-- Calculé à chaque lecture, il relisait toutes les factures du foyer pour chacune : une page en cinq ans de factures.
--
-- Chaque facture reçoit les règlements qui la désignent ; le surplus et ce qui ne désigne rien descendent sur les plus
-- anciennes (code civil, art. 1342-10) ; ce qui est remboursé n'en paie plus aucune.
CREATE OR REPLACE FUNCTION facturation_ranger(foyers bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE siennes bigint[]; dues bigint[]; montants numeric[]; soldees bigint[];
BEGIN
  -- Deux règlements du même foyer se rangent l'un après l'autre ; de plusieurs foyers, dans l'ordre. Le verrou n'est
  -- pas celui de la ligne du foyer : qui encaisse tient déjà sa facture, d'autres prennent le foyer avant elle. Il y en a
  -- mille vingt-quatre, que les foyers se partagent : un par foyer, un lot de vingt mille débits épuiserait ceux de
  -- PostgreSQL (6 400 au départ).
  PERFORM pg_advisory_xact_lock(81, rang)
  FROM (SELECT DISTINCT (foyer % 1024)::int AS rang FROM unnest(foyers) AS foyer ORDER BY rang) AS dans_l_ordre;
  -- Des tableaux, et non des jointures : une table que les statistiques disent vide se relirait pour chaque facture.
  SELECT array_agg(id) INTO siennes FROM facturation_facture WHERE famille_id = ANY(foyers);
  WITH sommes AS (
    SELECT facture, max(foyer) AS foyer, max(mois) AS mois, sum(montant) AS net
    FROM (
      SELECT id AS facture, famille_id AS foyer, mois, total AS montant
      FROM facturation_facture WHERE id = ANY(siennes)
      UNION ALL
      SELECT facture_id, NULL, NULL, -montant FROM facturation_avoir WHERE facture_id = ANY(siennes)
      UNION ALL
      SELECT facture_id, NULL, NULL, -montant FROM facturation_reglement
      WHERE facture_id = ANY(siennes) AND annule_le IS NULL
      UNION ALL
      SELECT NULL, famille_id, NULL, -montant FROM facturation_reglement
      WHERE famille_id = ANY(foyers) AND facture_id IS NULL AND annule_le IS NULL
      UNION ALL
      SELECT NULL, famille_id, NULL, montant FROM facturation_remboursement
      WHERE famille_id = ANY(foyers) AND annule_le IS NULL
    ) AS ecritures
    GROUP BY facture, CASE WHEN facture IS NULL THEN foyer END
  ), rangees AS (
    SELECT facture, GREATEST(net, 0) AS du,
      sum(CASE WHEN facture IS NULL THEN 0 ELSE GREATEST(net, 0) END)
        OVER (PARTITION BY foyer ORDER BY mois, facture) AS jusque_la,
      sum(CASE WHEN facture IS NULL THEN -net ELSE GREATEST(-net, 0) END) OVER (PARTITION BY foyer) AS credit
    FROM sommes
  ), restes AS (
    SELECT facture, GREATEST(0, LEAST(du, jusque_la - credit)) AS reste FROM rangees WHERE facture IS NOT NULL
  )
  SELECT array_agg(facture) FILTER (WHERE reste > 0), array_agg(reste) FILTER (WHERE reste > 0),
    array_agg(facture) FILTER (WHERE reste = 0)
  INTO dues, montants, soldees FROM restes;
  DELETE FROM facturation_restedu WHERE facture_id = ANY(soldees);
  INSERT INTO facturation_restedu AS avant (facture_id, montant) SELECT * FROM unnest(dues, montants)
  ON CONFLICT (facture_id) DO UPDATE SET montant = EXCLUDED.montant WHERE avant.montant <> EXCLUDED.montant;
END $$;

CREATE OR REPLACE FUNCTION facturation_ranger_les_ecritures() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE foyers bigint[];
BEGIN
  IF TG_TABLE_NAME IN ('facturation_facture', 'facturation_remboursement') THEN
    SELECT array_agg(DISTINCT famille_id) INTO foyers FROM ecritures;
  ELSIF TG_TABLE_NAME = 'facturation_avoir' THEN
    SELECT array_agg(DISTINCT famille_id) INTO foyers FROM facturation_facture
    WHERE id IN (SELECT facture_id FROM ecritures);
  ELSE
    SELECT array_agg(famille_id) INTO foyers FROM (
      SELECT famille_id FROM ecritures
      UNION
      SELECT famille_id FROM facturation_facture WHERE id IN (SELECT facture_id FROM ecritures)
    ) AS touches;
  END IF;
  IF foyers IS NOT NULL THEN
    PERFORM facturation_ranger(foyers);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER facture_range AFTER INSERT ON facturation_facture
  REFERENCING NEW TABLE AS ecritures FOR EACH STATEMENT EXECUTE FUNCTION facturation_ranger_les_ecritures();
CREATE TRIGGER avoir_range AFTER INSERT ON facturation_avoir
  REFERENCING NEW TABLE AS ecritures FOR EACH STATEMENT EXECUTE FUNCTION facturation_ranger_les_ecritures();
CREATE TRIGGER reglement_range AFTER INSERT ON facturation_reglement
  REFERENCING NEW TABLE AS ecritures FOR EACH STATEMENT EXECUTE FUNCTION facturation_ranger_les_ecritures();
CREATE TRIGGER reglement_change_range AFTER UPDATE ON facturation_reglement
  REFERENCING NEW TABLE AS ecritures FOR EACH STATEMENT EXECUTE FUNCTION facturation_ranger_les_ecritures();
CREATE TRIGGER remboursement_range AFTER INSERT ON facturation_remboursement
  REFERENCING NEW TABLE AS ecritures FOR EACH STATEMENT EXECUTE FUNCTION facturation_ranger_les_ecritures();
CREATE TRIGGER remboursement_change_range AFTER UPDATE ON facturation_remboursement
  REFERENCING NEW TABLE AS ecritures FOR EACH STATEMENT EXECUTE FUNCTION facturation_ranger_les_ecritures();

-- Ce qui est déjà écrit se range une fois.
SELECT facturation_ranger(array_agg(DISTINCT famille_id)) FROM facturation_facture;
DROP FUNCTION IF EXISTS facturation_reste(bigint, bigint);
