-- What the register would do now with the matches of an event, as rules.explain tells them; nothing is changed.
CREATE OR REPLACE FUNCTION api.rules_outcome(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  hit capa.ingest_hit;
  hidden int[];
  list_ jsonb;
  m jsonb;
  r capa.rule;
  n capa.nc;
BEGIN
  PERFORM capa.check_call('rules.outcome', principal, params);
  IF jsonb_typeof(params -> 'matches') IS DISTINCT FROM 'array' OR jsonb_array_length(params -> 'matches') > 200
     OR EXISTS (SELECT FROM jsonb_array_elements(params -> 'matches') x WHERE coalesce(x ->> 'fingerprint', '') !~ '^[0-9a-f]{64}$') THEN
    PERFORM capa.fail('invalid', '"matches" is a list of at most 200 objects {"rule","effect","grade","fingerprint","asset"}, as rules.explain gives them.');
  END IF;
  hit.received := capa.now();
  hit.source := capa.param_text(params, 'source', 1024);
  hit.subject := capa.param_text(params, 'subject', 1024);
  hidden := capa.hidden_ncs(principal, actor);
  list_ := '[]';
  FOR m IN SELECT x FROM jsonb_array_elements(params -> 'matches') x LOOP
    SELECT * INTO r FROM capa.rule x WHERE x.id = m ->> 'rule' AND x.ruleset = (SELECT l.sha256 FROM capa.loaded l WHERE l.kind = 'rules' ORDER BY l.version DESC LIMIT 1);
    SELECT * INTO n FROM capa.nc x WHERE x.id = capa.nc_for(decode(m ->> 'fingerprint', 'hex'));
    list_ := list_ || jsonb_build_object('rule', m ->> 'rule', 'effect', m ->> 'effect', 'nc', CASE WHEN n.id = ANY (hidden) THEN NULL ELSE 'NC-' || n.id END,
      'sentence', CASE WHEN r.id IS NULL THEN 'unknown: the register has no rule of that name loaded'
                       WHEN n.id = ANY (hidden) THEN 'known: a nonconformity that you may not read speaks for it'
                       ELSE capa.outcome_now(r, m, hit, n) END);
  END LOOP;
  RETURN list_;
END $$;
