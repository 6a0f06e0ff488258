-- Refuses a rejection of one NC that names none, or several, or what belongs to a batch.
CREATE OR REPLACE FUNCTION capa.reject_one(params jsonb) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF capa.param_list(params, 'nc') IS NULL THEN
    PERFORM capa.fail('invalid', 'reject needs "nc", or "rule" and "since".', NULL,
      'capactl reject NC --reason TEXT; capactl reject --rule RULE --since T --reason TEXT for all that a wrong rule raised.');
  ELSIF jsonb_typeof(params -> 'nc') = 'array' THEN
    PERFORM capa.fail('invalid', 'Several are rejected as one batch: "batch" must be true.', NULL, 'capactl reject NC NC --batch --reason TEXT');
  ELSIF coalesce(params -> 'since', 'null') <> 'null' THEN
    PERFORM capa.fail('invalid', '"since" belongs to "rule".', NULL, 'capactl reject --rule RULE --since T --reason TEXT');
  END IF;
END $$;
