-- {"evidence":["EV-3"]} of rows just put, {} of none.
CREATE OR REPLACE FUNCTION capa.evidence_refs(rows jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN rows = '[]' THEN '{}' ELSE jsonb_build_object('evidence',
    (SELECT jsonb_agg('EV-' || (r ->> 'id')) FROM jsonb_array_elements(rows) r)) END
$$;
