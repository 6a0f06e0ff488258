-- What begins a cycle, in one word: raised, or, by how the cycle before it ended, recurred or reopened.
CREATE OR REPLACE FUNCTION capa.replay_word(begun_by text, ended_as text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN begun_by = 'raise' THEN 'raised' WHEN ended_as = 'recurred' THEN 'recurred' ELSE 'reopened' END
$$;
