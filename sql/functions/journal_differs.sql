-- Which column of a journal row says something else than what is chained, or null. The columns beside the chain serve replay and
-- publishing; who changed one would change what is replayed and break no hash.
CREATE OR REPLACE FUNCTION capa.journal_differs(j capa.journal, body text) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN l ->> 'seq' IS DISTINCT FROM j.seq::text THEN 'seq'
    WHEN l ->> 'at' IS DISTINCT FROM capa.rfc3339(j.at) THEN 'at'
    WHEN l ->> 'digest' IS DISTINCT FROM encode(j.digest, 'hex') THEN 'digest'
    WHEN b IS NULL THEN NULL
    WHEN b ->> 'previous' IS DISTINCT FROM j.previous::text THEN 'previous'
    WHEN j.topic LIKE 'escalation.%' AND b ->> 'type' = 'org.capad.escalation.v1' THEN
      CASE WHEN split_part(j.topic, '.', 2) IS DISTINCT FROM b #>> '{data,level}' THEN 'topic' END
    WHEN b ->> 'type' IS DISTINCT FROM 'org.capad.' || j.topic || '.v1' THEN 'topic' END
  FROM (SELECT j.open::jsonb AS l, body::jsonb AS b) x
$$;
