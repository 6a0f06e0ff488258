-- Whether a topic begins with one of the prefixes, as a ZeroMQ subscription does ("escalation." , "nc.raised");
-- null or an empty list takes all.
CREATE OR REPLACE FUNCTION capa.topic_matches(topic_ text, prefixes text[]) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(cardinality(prefixes), 0) = 0 OR EXISTS (SELECT FROM unnest(prefixes) p WHERE starts_with(topic_, p))
$$;
