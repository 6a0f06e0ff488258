-- A durable consumer of the published stream by its name: how far it has acknowledged, and where the journal ends (SEMANTICS
-- section 8). One that is new begins at the journal's end. Messages are read with journal.read.
CREATE OR REPLACE FUNCTION api.consumer_attach(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  name_ text := capa.param_text(params, 'name', 100);
  head_ bigint := (capa.journal_head() ->> 'seq')::bigint;
  c capa.consumer;
BEGIN
  PERFORM capa.check_call('consumer.attach', principal, params);
  IF name_ !~ '^[A-Za-z0-9][A-Za-z0-9._@-]*$' THEN
    PERFORM capa.fail('invalid', format('"%s" is no name of a consumer.', left(name_, 40)), NULL,
      'Letters, digits, and . _ @ - behind the first: pager-1.');
  END IF;
  INSERT INTO capa.consumer VALUES (name_, principal ->> 'name', (SELECT max(no) FROM capa.epoch), head_, capa.now(), capa.now(), NULL)
    ON CONFLICT (name) DO NOTHING;
  c := capa.consumer_of(name_, principal);
  UPDATE capa.consumer SET attached_at = capa.now(), at = capa.now(), epoch = (SELECT max(no) FROM capa.epoch) WHERE name = name_;
  RETURN capa.finish(principal, actor, params, jsonb_build_object('epoch', (SELECT max(no)::text FROM capa.epoch), 'acked', c.seq, 'head', head_));
END $$;
