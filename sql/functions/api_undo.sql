-- Takes a batch back: each NC that it rejected, and that is rejected because of it still, is back where its facts put it, in the same
-- cycle, its deadlines open again with their dates unchanged, its failure no longer held back. Anyone may.
CREATE OR REPLACE FUNCTION api.undo(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  b capa.batch;
  n capa.nc;
  reason_ text := capa.param_text(params, 'reason');
  other int;
  done text[] := '{}';
  left_out jsonb := '[]';
  sentence_ text;
BEGIN
  PERFORM capa.check_call('undo', principal, params);
  b := capa.batch_begin(params ->> 'ref');
  IF b.state <> 'approved' THEN
    PERFORM capa.fail('refused', format('B-%s is %s: there is nothing to undo.', b.id, b.state), NULL,
      CASE b.state WHEN 'open' THEN format('capactl refuse B-%s REASON', b.id) END);
  END IF;
  b.state := 'undone';
  b.undone_by := actor;
  b.undone_at := capa.now();
  b.undone_why := reason_;
  PERFORM capa.put('batch', to_jsonb(b));
  FOR n IN SELECT * FROM capa.nc WHERE batch = b.id AND state = 'rejected' ORDER BY id LOOP
    other := capa.fingerprint_open(n);
    IF other IS NOT NULL THEN
      left_out := left_out || jsonb_build_object('ref', 'NC-' || n.id,
        'sentence', format('the failure of NC-%s was raised again meanwhile, as NC-%s', n.id, other));
    ELSE
      PERFORM capa.rejection_undo(n, b.id, reason_);
      done := done || ('NC-' || n.id);
    END IF;
  END LOOP;
  sentence_ := format('B-%s undone, %s back%s: %s', b.id, cardinality(done),
    CASE WHEN left_out <> '[]' THEN format(', %s left out', jsonb_array_length(left_out)) ELSE '' END, reason_);
  PERFORM capa.tell('batch.undone', 'undo', 'B-' || b.id, NULL, jsonb_build_object('what', 'undo', 'sentence', sentence_,
    'batch', capa.batch_object(b), 'left_out', left_out));
  RETURN capa.finish(principal, actor, params, jsonb_build_object('ref', 'B-' || b.id, 'state', b.state, 'sentence', sentence_,
    'batch', capa.batch_object(b), 'restored', to_jsonb(done), 'left_out', left_out, 'missing', '[]'::jsonb, 'next', '[]'::jsonb));
END $$;
