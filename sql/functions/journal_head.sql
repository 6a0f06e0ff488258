-- The last row of the journal: {"seq","hash"}; seq 0 and 64 zeros before the first.
CREATE OR REPLACE FUNCTION capa.journal_head() RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(
    (SELECT jsonb_build_object('seq', seq, 'hash', encode(hash, 'hex')) FROM capa.journal ORDER BY seq DESC LIMIT 1),
    jsonb_build_object('seq', 0, 'hash', repeat('0', 64)))
$$;
