-- The rule that a method names, as loaded now; one that can be held: it raises. A slip of the pen is told what there is.
CREATE OR REPLACE FUNCTION capa.rule_named(params jsonb) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
  id_ text := capa.param_text(params, 'rule', 200);
  body_ jsonb := capa.rule_now(id_);
BEGIN
  IF body_ IS NULL THEN
    PERFORM capa.fail('not_found', format('There is no rule "%s".', left(id_, 100)), NULL, 'capactl rules list shows those that are loaded.');
  ELSIF body_ ->> 'effect' NOT IN ('fail', 'missing') THEN
    PERFORM capa.fail('refused', format('Rule "%s" has effect "%s": it raises nothing that could be held back.', id_, body_ ->> 'effect'), NULL,
      CASE WHEN body_ ->> 'effect' = 'pass' THEN format('Hold what it clears: %s.',
        (SELECT string_agg('capactl rules hold ' || c || ' --reason TEXT', ' or ') FROM jsonb_array_elements_text(body_ -> 'clears') c))
      ELSE '"enabled": false in its file switches it off.' END);
  END IF;
  RETURN id_;
END $$;
