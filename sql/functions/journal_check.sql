-- Computes the journal's chain again from its rows (SEMANTICS section 3): one row for each thing that is wrong, none if all holds.
-- For tests and the owner; who trusts nobody takes the journal home and checks it there (`capactl journal verify`).
CREATE OR REPLACE FUNCTION capa.journal_check() RETURNS TABLE (seq bigint, problem text) LANGUAGE sql STABLE AS $$
  WITH walked AS (
    SELECT j.*, b.body, b.salt,
           lag(j.seq, 1, 0::bigint) OVER w AS seq_before, lag(j.at) OVER w AS at_before,
           coalesce(lag(encode(j.hash, 'hex')) OVER w, repeat('0', 64)) AS hash_before,
           lag(j.seq) OVER (PARTITION BY split_part(j.topic, '.', 1) ORDER BY j.seq) AS topic_before
    FROM capa.journal j LEFT JOIN capa.journal_body b USING (seq)
    WINDOW w AS (ORDER BY j.seq)
  ), redacted AS (
    SELECT s::bigint AS seq FROM capa.journal j JOIN capa.journal_body b USING (seq),
           jsonb_array_elements_text(b.body::jsonb #> '{data,rows}') s
    WHERE j.topic = 'evidence.redacted')
  SELECT w.seq, p.problem FROM walked w CROSS JOIN LATERAL (VALUES
    (w.seq <> w.seq_before + 1, format('a gap: the row before is %s', w.seq_before)),
    (w.at <= w.at_before, 'its time does not rise'),
    (w.hash <> sha256(convert_to(w.hash_before || ' ' || encode(sha256(convert_to(w.open, 'UTF8')), 'hex') || E'\n', 'UTF8')),
     'its hash does not follow from the row before'),
    ((w.open::jsonb ->> 'seq')::bigint <> w.seq OR w.open::jsonb ->> 'digest' <> encode(w.digest, 'hex')
     OR w.open::jsonb ->> 'at' <> capa.rfc3339(w.at), 'its line says another seq, time or digest'),
    (w.body IS NOT NULL AND w.digest <> sha256(w.salt || convert_to(w.body, 'UTF8')), 'its body is not what was hashed'),
    (w.previous IS DISTINCT FROM w.topic_before, 'it names another row as the previous one of its topic'),
    (w.body IS NOT NULL AND (w.body::jsonb ->> 'sequence' <> w.seq::text
     OR (w.body::jsonb ->> 'previous')::bigint IS DISTINCT FROM w.previous), 'its message has another sequence'),
    (w.body IS NULL AND NOT EXISTS (SELECT FROM redacted r WHERE r.seq = w.seq), 'its content is gone and no row says that it was redacted')
  ) AS p(wrong, problem) WHERE p.wrong
$$;
