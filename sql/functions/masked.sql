-- A summary (capa.summary) without anything that says what the NC is about or whose it is.
CREATE OR REPLACE FUNCTION capa.masked(summary jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT (summary #- '{next_due,label}') || '{"title":"restricted","rule":null,"fingerprint":null,"source":null,"source_kind":null,"asset":null,"owner":null,
    "controls":[],"labels":{},"recurrence_of":null,"restricted":true}'
$$;
