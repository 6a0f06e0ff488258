-- Short closings, decided by their owners or by a rule's standing decision, confirmed by somebody else: one, several, or all that the
-- caller may (PRODUCT, "Short way"). waive: of one that is named, by its author, where the policy lets it.
CREATE OR REPLACE FUNCTION api.confirm(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  given text[];
  ref_ text;
  q capa.request;
  n capa.nc;
  confirmed text[] := '{}';
  refused jsonb := '[]';
BEGIN
  PERFORM capa.check_call('confirm', principal, params);
  given := capa.param_list(params, 'nc');
  IF given IS NULL THEN
    SELECT array_agg('NC-' || r.nc ORDER BY r.nc) INTO given FROM capa.request r
      WHERE r.kind = 'short_closing' AND r.state = 'open' AND NOT capa.any_person(actor, r.authors);
  END IF;
  FOR ref_ IN SELECT 'NC-' || d.nc FROM (SELECT DISTINCT (capa.reference(g)).nc FROM unnest(given) g) d ORDER BY d.nc LOOP
    n := capa.begin_change('confirm', principal, jsonb_build_object('nc', ref_), actor);
    SELECT * INTO q FROM capa.request r WHERE r.nc = n.id AND r.kind = 'short_closing' AND r.state = 'open';
    IF q.id IS NOT NULL AND capa.any_person(actor, q.authors) AND capa.param_text(params, 'waive') IS NOT NULL THEN
      PERFORM capa.waive(n, params, 'confirm', actor, capa.request_sentence(q) || '.', 'Ask somebody else to run: ' || capa.request_command(q) || '.');
      PERFORM capa.decide(q, true, actor, NULL);
      confirmed := confirmed || ref_;
    ELSIF q.id IS NULL OR capa.any_person(actor, q.authors) THEN
      refused := refused || jsonb_build_object('ref', ref_, 'sentence', CASE WHEN q.id IS NULL
        THEN ref_ || ' has no short closing that waits for confirmation' ELSE capa.request_sentence(q) END);
    ELSE
      PERFORM capa.decide(q, true, actor, NULL);
      confirmed := confirmed || ref_;
    END IF;
  END LOOP;
  IF cardinality(confirmed) = 0 AND given IS NOT NULL THEN
    PERFORM capa.fail('refused', format('Nothing is confirmed: %s.', (SELECT string_agg(r ->> 'sentence', '; ') FROM jsonb_array_elements(refused) r)), NULL,
      'capactl approvals lists what you may decide.');
  END IF;
  RETURN capa.finish(principal, actor, params,
    jsonb_build_object('confirmed', to_jsonb(confirmed), 'refused', refused, 'next', '[]'::jsonb));
END $$;
