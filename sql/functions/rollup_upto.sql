-- The last event number that the tallies hold.
CREATE OR REPLACE FUNCTION capa.rollup_upto() RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT coalesce(max(upto), 0) FROM capa.rollup
$$;
