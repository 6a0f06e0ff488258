-- Asks for a later due date, of an action or of one of an NC's own deadlines. It is a request: until another person
-- approves it nothing changes and the ladder runs on (PRODUCT "Deadlines", SEMANTICS section 6). Asked for again, it
-- replaces what was asked for before. A date that somebody outside set needs that one's letter as evidence; one of the law stands.
CREATE OR REPLACE FUNCTION api.extend(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('extend', principal, params);
  d capa.deadline := capa.deadline_named(n, (capa.reference(params ->> 'ref')).action,
                                         capa.param_text(params, 'deadline', 64));
  to_ timestamptz := capa.param_moment(params, 'to', capa.policy_of(n.id) -> 'calendar');
  ref_ text := coalesce('CA-' || d.action, 'NC-' || n.id);
  kind_ text := capa.extension_kind(n, d, to_, params);
  extra jsonb;
  request_ int;
  q capa.request;
BEGIN
  IF to_ <= d.due THEN
    PERFORM capa.fail('refused', format('%s (%s) is due %s; %s is no later date.', ref_, coalesce(d.label, d.kind), capa.rfc3339(d.due),
      capa.rfc3339(to_)), NULL, 'An extension goes beyond the present due date; a duration counts from now.');
  ELSIF to_ <= capa.now() THEN
    PERFORM capa.fail('refused', format('The date %s has passed already.', capa.rfc3339(to_)), NULL,
      'Give a date ahead, or a duration such as 10d.');
  END IF;
  SELECT * INTO q FROM capa.request r
    WHERE r.nc = n.id AND r.ref = ref_ AND r.kind = kind_ AND r.state = 'open' AND r.deadline <> d.id;
  IF FOUND THEN
    PERFORM capa.fail('refused', format('Another extension of %s (%s) waits for a decision already.', ref_, coalesce(q.what ->> 'label', q.what ->> 'kind')),
      NULL, format('capactl approve %s, or capactl refuse %s REASON, then ask again.', ref_, ref_));
  END IF;
  request_ := capa.request_put(n, kind_, ref_, ARRAY[actor], NULL,
    jsonb_build_object('deadline', d.id, 'kind', d.kind, 'label', coalesce(d.label, d.kind), 'due', capa.rfc3339(d.due), 'to', capa.rfc3339(to_)),
    capa.param_text(params, 'reason'));
  SELECT * INTO STRICT q FROM capa.request WHERE id = request_;
  q.deadline := d.id;
  PERFORM capa.put('request', to_jsonb(q));
  extra := capa.evidence_refs(capa.evidence_put(n, params, files, actor, d.action));
  PERFORM capa.changed(n.id, 'nc.changed', 'extend', ref_,
    format('extension asked for: %s of %s to %s: %s', coalesce(d.label, d.kind), ref_, capa.rfc3339(to_), q.reason), extra);
  RETURN capa.finish(principal, actor, params, capa.result(n.id, extra || jsonb_build_object('request', jsonb_build_object(
    'kind', kind_, 'ref', ref_, 'sentence', capa.request_sentence(q)))));
END $$;
