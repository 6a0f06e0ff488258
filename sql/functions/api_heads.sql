-- What a daemon says with each heartbeat and compares with what it knows: of each first word of the topics the last seq
-- not after `upto` (its place in the journal; null: all), the journal's head, the epoch, and which rules, policy,
-- people and settings are loaded. A walk over the index by words, not over the journal.
CREATE OR REPLACE FUNCTION api.heads(upto bigint) RETURNS jsonb LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
  WITH RECURSIVE word AS (
    (SELECT split_part(topic, '.', 1) AS w FROM capa.journal ORDER BY split_part(topic, '.', 1) LIMIT 1)
    UNION ALL
    SELECT (SELECT split_part(j.topic, '.', 1) FROM capa.journal j WHERE split_part(j.topic, '.', 1) > word.w
            ORDER BY split_part(j.topic, '.', 1) LIMIT 1)
    FROM word WHERE word.w IS NOT NULL
  ), head AS (
    SELECT w, (SELECT max(j.seq) FROM capa.journal j WHERE split_part(j.topic, '.', 1) = w
               AND j.seq <= coalesce($1, 9223372036854775807)) AS seq
    FROM word WHERE w IS NOT NULL
  )
  SELECT jsonb_build_object(
    'epoch', (SELECT max(no)::text FROM capa.epoch),
    'heads', coalesce((SELECT jsonb_object_agg(w, seq) FROM head WHERE seq IS NOT NULL), '{}'),
    'journal', capa.journal_head(),
    'rules', (SELECT l.sha256 FROM capa.loaded l WHERE l.kind = 'rules' ORDER BY l.version DESC LIMIT 1),
    'policy', (SELECT l.sha256 FROM capa.loaded l WHERE l.kind = 'policy' ORDER BY l.version DESC LIMIT 1),
    'people', (SELECT l.sha256 FROM capa.loaded l WHERE l.kind = 'people' ORDER BY l.version DESC LIMIT 1),
    'settings', (SELECT l.sha256 FROM capa.loaded l WHERE l.kind = 'settings' ORDER BY l.version DESC LIMIT 1))
$$;
