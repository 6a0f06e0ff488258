-- A moment as people's tools read it: UTC, microseconds, Z.
CREATE OR REPLACE FUNCTION capa.rfc3339(at timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;
