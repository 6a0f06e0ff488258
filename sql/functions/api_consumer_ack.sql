-- A durable consumer has dealt with all messages up to a sequence; never back.
CREATE OR REPLACE FUNCTION api.consumer_ack(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  name_ text := capa.param_text(params, 'name', 100);
  seq_ bigint := capa.param_number(params, 'seq');
  head_ bigint := (capa.journal_head() ->> 'seq')::bigint;
  c capa.consumer;
BEGIN
  PERFORM capa.check_call('consumer.ack', principal, params);
  c := capa.consumer_of(name_, principal);
  IF seq_ > head_ THEN
    PERFORM capa.fail('refused', format('The journal ends at %s: %s cannot have been read.', head_, seq_), NULL,
      'After a new epoch go back to where the histories part: sys.epoch in journal.read.');
  END IF;
  UPDATE capa.consumer SET seq = greatest(c.seq, seq_), at = capa.now(), epoch = (SELECT max(no) FROM capa.epoch),
      lag_told_at = CASE WHEN capa.consumer_lags(greatest(c.seq, seq_)) THEN lag_told_at END
    WHERE name = name_;
  RETURN capa.finish(principal, actor, params, jsonb_build_object('epoch', (SELECT max(no)::text FROM capa.epoch),
    'acked', greatest(c.seq, seq_), 'head', head_));
END $$;
