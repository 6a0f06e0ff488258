-- Judges these events, which a silence held back, once more: as a batch of their own bytes through the ordinary way, under keys of their own, so that
-- each is looked at once. What they meant when they came (fingerprint, grade, texts) counts; the rule as it is now. A rule that is gone raises nothing.
CREATE OR REPLACE FUNCTION capa.silence_look(s capa.silence, numbers bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  ruleset_ text := (SELECT sha256 FROM capa.loaded WHERE kind = 'rules' ORDER BY version DESC LIMIT 1);
  meta jsonb;
  bodies bytea;
  why text;
BEGIN
  UPDATE capa.muted SET looked = true WHERE silence = s.id AND NOT looked
    AND fingerprint IN (SELECT m.fingerprint FROM capa.muted m WHERE m.silence = s.id AND NOT m.looked AND m.eventno = ANY (numbers));
  WITH again AS MATERIALIZED (
    SELECT m.*, e.source, e.type, e.subject, e.adapter, e.redacted, capa.event_bytes(e.eventno) AS bytes,
           r.no AS rule_no, sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) AS salt
    FROM (SELECT DISTINCT ON (x.fingerprint) x.* FROM capa.muted x WHERE x.silence = s.id AND x.eventno = ANY (numbers) ORDER BY x.fingerprint, x.eventno DESC) m
    JOIN capa.event e ON e.eventno = m.eventno
    JOIN capa.rule r ON r.ruleset = ruleset_ AND r.id = m.rule),
  placed AS MATERIALIZED (
    SELECT a.*, row_number() OVER w - 1 AS n, count(*) OVER () AS all_,
           112 * count(*) OVER () + coalesce(sum(octet_length(a.bytes)) OVER (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS at
    FROM again a WHERE a.bytes IS NOT NULL WINDOW w AS (ORDER BY a.eventno, a.fingerprint))
  SELECT jsonb_build_object('daemon', 'capad', 'ruleset', ruleset_, 'count', count(*),
      'cases', jsonb_agg(p.what || jsonb_build_object('rule', p.rule_no, 'effect', 'fail', 'fp', encode(p.fingerprint, 'hex')) ORDER BY p.n),
      'texts', jsonb_agg(coalesce(t.text, '') ORDER BY p.n, t.place),
      'at', '{' || string_agg(p.at::text, ',' ORDER BY p.n, t.place) FILTER (WHERE t.place = 0) || '}',
      'size', '{' || string_agg(octet_length(p.bytes)::text, ',' ORDER BY p.n) FILTER (WHERE t.place = 0) || '}',
      'case', '{' || string_agg(p.n::text, ',' ORDER BY p.n) FILTER (WHERE t.place = 0) || '}',
      'source', '{' || string_agg((5 * p.n)::text, ',' ORDER BY p.n) FILTER (WHERE t.place = 0) || '}',
      'type', '{' || string_agg((5 * p.n + 1)::text, ',' ORDER BY p.n) FILTER (WHERE t.place = 0) || '}',
      'subject', '{' || string_agg(CASE WHEN p.subject IS NULL THEN '-1' ELSE (5 * p.n + 2)::text END, ',' ORDER BY p.n) FILTER (WHERE t.place = 0) || '}',
      'adapter', '{' || string_agg(CASE WHEN p.adapter IS NULL THEN '-1' ELSE (5 * p.n + 3)::text END, ',' ORDER BY p.n) FILTER (WHERE t.place = 0) || '}',
      'redacted', '{' || string_agg(CASE WHEN p.redacted IS NULL THEN '-1' ELSE (5 * p.n + 4)::text END, ',' ORDER BY p.n) FILTER (WHERE t.place = 0) || '}',
      'time', '{' || string_agg(capa.us_of(p.observed)::text, ',' ORDER BY p.n) FILTER (WHERE t.place = 0) || '}'),
    string_agg(substring(sha256(convert_to(format('silence %s event %s %s', s.id, p.eventno, encode(p.fingerprint, 'hex')), 'UTF8')) FOR 16)
      || sha256(p.bytes) || p.salt || sha256(p.salt || p.bytes), ''::bytea ORDER BY p.n) FILTER (WHERE t.place = 0)
      || string_agg(p.bytes, ''::bytea ORDER BY p.n) FILTER (WHERE t.place = 0)
  INTO meta, bodies
  FROM placed p CROSS JOIN LATERAL unnest(ARRAY[p.source, p.type, p.subject, p.adapter, p.redacted]) WITH ORDINALITY AS u(text, no)
  CROSS JOIN LATERAL (SELECT u.text, u.no - 1 AS place) t;
  IF (meta ->> 'count')::int > 0 THEN
    meta := meta || jsonb_build_object('count', (meta ->> 'count')::int / 5,
      'cases', (SELECT jsonb_agg(c ORDER BY i) FROM jsonb_array_elements(meta -> 'cases') WITH ORDINALITY x(c, i) WHERE i % 5 = 1));
    BEGIN
      PERFORM capa.ingest_batch(meta, bodies);
    EXCEPTION WHEN OTHERS THEN
      -- One that the register cannot take stops no tick; the others come with the next one.
      IF capa.passing_error(SQLSTATE) THEN
        RAISE;
      END IF;
      GET STACKED DIAGNOSTICS why = MESSAGE_TEXT;
      PERFORM capa.tell('sys.degraded', 'tick', NULL, NULL, jsonb_build_object('reason', 'silence_failed', 'silence', 'SIL-' || s.id, 'events', to_jsonb(numbers),
        'error', why, 'sentence', format('SIL-%s ended, but %s events that it held back could not be judged again: %s', s.id, cardinality(numbers), why)));
    END;
  END IF;
END $$;
