-- The parameters of one section of api.fill for the method that records it; null: nothing of it was given. Durations within facts
-- come as spans named by their path ("facts/criterion/window"). Evidence goes with the correction: with one that is there
-- already ("ref"), where none is given now.
CREATE OR REPLACE FUNCTION capa.fill_params(nc_ int, section_ text, given jsonb, params jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
  evidence_ jsonb := CASE WHEN section_ = 'contain' THEN nullif(nullif(params -> 'evidence', 'null'), '[]') END;
  spans_ jsonb;
BEGIN
  IF section_ IN ('isms', 'risk') AND jsonb_typeof(given) = 'string' THEN
    given := jsonb_build_object(section_, given);
  ELSIF coalesce(given, 'null') <> 'null' AND jsonb_typeof(given) <> 'object' THEN
    PERFORM capa.fail('invalid', format('"facts": "%s" must be an object.', section_));
  END IF;
  given := nullif(nullif(given, 'null'), '{}');
  IF given ?| ARRAY['nc', 'ref', 'spans', 'actor', 'if_version', 'dry_run', 'evidence'] THEN
    PERFORM capa.fail('invalid', format('"facts": "%s" holds what belongs to the call, not to the fact.', section_), NULL,
      'nc, actor, evidence, if_version and dry_run stand beside "facts".');
  END IF;
  IF given IS NULL AND evidence_ IS NULL THEN
    RETURN NULL;
  ELSIF evidence_ IS NOT NULL AND NOT coalesce(given ?| ARRAY['text', 'not_applicable', 'consequences'], false) THEN
    RETURN jsonb_build_object('evidence', evidence_, 'ref', coalesce(
      (SELECT 'CA-' || max(a.id) FROM capa.action a JOIN capa.nc n ON n.id = a.nc AND n.cycle = a.cycle
       WHERE a.nc = nc_ AND a.kind = 'correction' AND a.state = 'done'), 'NC-' || nc_));
  END IF;
  SELECT coalesce(jsonb_object_agg(split_part(key, '/', 3), value), '{}') INTO spans_
    FROM jsonb_each(coalesce(params -> 'spans', '{}')) WHERE key LIKE 'facts/' || section_ || '/%';
  RETURN given || jsonb_build_object('nc', 'NC-' || nc_, 'spans', spans_)
    || CASE WHEN evidence_ IS NULL THEN '{}' ELSE jsonb_build_object('evidence', evidence_) END;
END $$;
