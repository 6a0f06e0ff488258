-- A page of a dossier's journal: of each row after after_ "row hash" in hex, one a line; and in full those of the NCs, and the
-- seals of their events. Such a row's body is left out where it was redacted, or where it also tells of another NC (withheld).
-- At most 20,000 rows, or as many as hold 8 MiB; go on from `next` until it is upto_.
CREATE OR REPLACE FUNCTION capa.dossier_page(ncs int[], after_ bigint, upto_ bigint) RETURNS json LANGUAGE sql STABLE AS $$
  WITH seals AS MATERIALIZED (
    SELECT DISTINCT v.seal FROM capa.dossier_events(ncs) v WHERE v.seal IS NOT NULL
  ), entry AS MATERIALIZED (
    SELECT j.seq, j.open, j.hash, b.salt, b.body, o.opened,
           sum(130 + CASE WHEN o.opened THEN coalesce(octet_length(b.body), 0) + 500 ELSE 0 END) OVER (ORDER BY j.seq) AS size
    FROM capa.journal j LEFT JOIN capa.journal_body b USING (seq)
    CROSS JOIN LATERAL (SELECT coalesce(b.nc = ANY (ncs), false) OR j.seq IN (SELECT seal FROM seals) AS opened) o
    WHERE j.seq > after_ AND j.seq <= upto_ AND j.seq <= after_ + 20000
  ), page AS MATERIALIZED (
    SELECT * FROM entry e WHERE e.size <= 8388608 OR e.seq = after_ + 1
  )
  SELECT json_build_object('next', coalesce(max(p.seq), upto_),
    'links', coalesce(string_agg(encode(sha256(convert_to(p.open, 'UTF8')), 'hex') || ' ' || encode(p.hash, 'hex') || E'\n', '' ORDER BY p.seq), ''),
    'opened', coalesce(json_agg(CASE
        WHEN p.body IS NULL THEN json_build_object('seq', p.seq, 'open', p.open, 'redacted', true)
        WHEN NOT capa.dossier_row(p.body::jsonb, ncs) THEN json_build_object('seq', p.seq, 'open', p.open, 'withheld', true)
        ELSE json_build_object('seq', p.seq, 'open', p.open, 'salt', encode(p.salt, 'hex'), 'body', p.body) END ORDER BY p.seq)
      FILTER (WHERE p.opened), '[]'))
  FROM page p
$$;
