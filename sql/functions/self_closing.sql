-- Records what an NC still lacks for the short way, by its rule's standing decision; the pass that was just kept is the evidence of
-- the correction. What people recorded stays. capa.advance then closes it, and it waits for confirmation (capa.close).
CREATE OR REPLACE FUNCTION capa.self_closing(nc_ int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  n capa.nc;
  decision jsonb;
  facts capa.fact;
  a capa.action;
  standing text;
BEGIN
  SELECT * INTO STRICT n FROM capa.nc WHERE id = nc_;
  decision := capa.self_close(n);
  IF decision IS NULL THEN
    RETURN;
  END IF;
  standing := 'standing decision of ' || (decision ->> 'by');
  SELECT * INTO STRICT facts FROM capa.fact WHERE nc = nc_;
  IF NOT facts.correction THEN
    a := jsonb_populate_record(NULL::capa.action, jsonb_build_object('id', nextval('capa.action_no'), 'nc', nc_, 'cycle', n.cycle,
      'kind', 'correction', 'title', 'it passes again, as an event shows', 'owner', n.owner, 'state', 'done', 'author', 'system',
      'added_at', capa.now(), 'done_at', capa.now(), 'done_by', 'system', 'added_late', false));
    PERFORM capa.put('action', to_jsonb(a));
  END IF;
  IF NOT facts.consequences THEN
    PERFORM capa.record_put(n, 'consequences', jsonb_build_object('text', 'none: ' || standing), 'system');
  END IF;
  IF NOT facts.cause THEN
    PERFORM capa.record_put(n, 'cause', jsonb_build_object('text', decision ->> 'cause', 'category', decision ->> 'category',
      'method', 'other', 'standing', decision ->> 'by'), 'system', (SELECT coalesce(max(no), 0) + 1 FROM capa.record WHERE nc = nc_ AND fact = 'cause'));
  END IF;
  PERFORM capa.record_put(n, 'similar', capa.similar_search(n, capa.record_of(nc_, n.cycle, 'cause') ->> 'category'), 'system');
  IF NOT facts.elsewhere THEN
    PERFORM capa.record_put(n, 'elsewhere', jsonb_build_object('text', 'no: ' || standing), 'system');
  END IF;
  IF NOT facts.isms THEN
    PERFORM capa.record_put(n, 'isms', jsonb_build_object('ref', 'none', 'text', standing), 'system');
  END IF;
  IF NOT facts.risk THEN
    PERFORM capa.record_put(n, 'risk', jsonb_build_object('ref', 'none', 'text', standing), 'system');
  END IF;
  IF NOT facts.need_no THEN
    PERFORM capa.record_put(n, 'need', jsonb_build_object('need', 'no', 'standing', decision ->> 'by',
      'reason', format('%s (%s)', decision ->> 'reason', standing)), 'system');
  END IF;
  PERFORM capa.tell('nc.changed', 'ingest', 'NC-' || nc_, nc_, jsonb_build_object('what', 'self_close',
    'sentence', format('closes by the %s: %s', standing, decision ->> 'reason'), 'nc', capa.summary(nc_)));
END $$;
