-- The journal's rows for an offline check, as lines in the form of proto/seal/journal.h: a redacted row says so instead of
-- giving salt and body, one of a restricted NC that the caller may not read says "withheld", and one whose columns say something else than what is chained names the column ("differs").
-- At most 1,000 rows and 8 MiB a call; go on from `next` until it is `head`.
CREATE OR REPLACE FUNCTION api.journal_export(principal jsonb, actor text, params jsonb, files bytea[]) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  after_ bigint := coalesce(capa.param_number(params, 'after'), 0);
  limit_ int := least(coalesce(capa.param_int(params, 'limit'), 500), 1000);
  head_ jsonb := capa.journal_head();
  next_ bigint := after_;
  size_ bigint := 0;
  lines text[] := '{}';
  entry record;
  hidden int[] := capa.hidden_ncs(principal, actor);
BEGIN
  PERFORM capa.check_call('journal.export', principal, params);
  IF limit_ < 1 THEN
    PERFORM capa.fail('invalid', '"limit" is at least 1.', NULL, 'Start with {"after":0,"limit":500}.');
  END IF;
  FOR entry IN
    SELECT j.seq, format('{"seq":%s,"row":"%s","hash":"%s","open":%s,%s%s}', j.seq,
             encode(sha256(convert_to(j.open, 'UTF8')), 'hex'), encode(j.hash, 'hex'), to_json(j.open),
             CASE WHEN b.nc = ANY (hidden) THEN '"withheld":true'
                  WHEN b.body IS NULL THEN '"redacted":true'
                  WHEN b.summary IS NOT NULL AND hidden <> '{}'
                       AND (j.topic = 'sys.actor' OR capa.concerns(b.nc, b.body::jsonb -> 'data', hidden))
                  THEN '"withheld":true'
                  ELSE format('"salt":"%s","body":%s', encode(b.salt, 'hex'), to_json(b.body)) END,
             ',"differs":"' || capa.journal_differs(j, b.body) || '"') AS line
    FROM capa.journal j LEFT JOIN capa.journal_body b USING (seq)
    WHERE j.seq > after_ ORDER BY j.seq LIMIT limit_
  LOOP
    EXIT WHEN size_ > 8388608;
    next_ := entry.seq;
    size_ := size_ + octet_length(entry.line);
    lines := lines || entry.line;
  END LOOP;
  RETURN json_build_object('lines', to_json(lines), 'next', next_, 'head', head_ -> 'seq', 'hash', head_ ->> 'hash');
END $$;
