-- A batch as rows: what its columns and heads say (sql/README.md, "What ingest takes"); texts from capa.ingest_texts. One
-- plain SELECT, so that it is inlined where it is used and columns nobody asks for cost nothing.
CREATE OR REPLACE FUNCTION capa.ingest_events(meta jsonb, bodies bytea, texts text[])
RETURNS TABLE (n int, key bytea, body_hash bytea, salt bytea, digest bytea, at int, size int, case_no int, source text,
               type text, subject text, adapter text, redacted text, observed_us bigint, since_us bigint, frame int)
LANGUAGE sql STABLE AS $$
  SELECT (e.place - 1)::int,
         substring(bodies FROM (112 * e.place - 111)::int FOR 16),
         substring(bodies FROM (112 * e.place - 95)::int FOR 32),
         substring(bodies FROM (112 * e.place - 63)::int FOR 32),
         substring(bodies FROM (112 * e.place - 31)::int FOR 32),
         e.at, e.size, e.case_no, texts[e.source + 1], texts[e.type + 1], texts[e.subject + 1], texts[e.adapter + 1],
         texts[e.redacted + 1], nullif(e.observed_us, 0), nullif(e.since_us, 0), nullif(e.frame, -1)
  FROM unnest((meta ->> 'at')::int[], (meta ->> 'size')::int[], (meta ->> 'case')::int[], (meta ->> 'source')::int[],
              (meta ->> 'type')::int[], (meta ->> 'subject')::int[], (meta ->> 'adapter')::int[], (meta ->> 'redacted')::int[],
              (meta ->> 'time')::bigint[], (meta ->> 'since')::bigint[],
              (meta ->> 'frame')::int[]) WITH ORDINALITY
    AS e(at, size, case_no, source, type, subject, adapter, redacted, observed_us, since_us, frame, place)
$$;
