-- All that the register needs of the configuration, in one transaction: taken as a whole or not at all. set: a list of
-- {"kind","sha256","body"} as of api.load, in the order in which they are to be taken. Returns the list of what api.load would.
CREATE OR REPLACE FUNCTION api.load_set(set jsonb, actor text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  one jsonb;
  result jsonb := '[]';
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('capa.loaded'));
  FOR one IN SELECT jsonb_array_elements(set) LOOP
    result := result || capa.load_one(one ->> 'kind', one ->> 'sha256', one -> 'body');
  END LOOP;
  PERFORM capa.append(coalesce(actor, 'system'));
  RETURN result;
END $$;
