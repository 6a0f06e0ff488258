-- All obligations of an NC, next due first.
CREATE OR REPLACE FUNCTION capa.obligations_json(nc_ int) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(capa.obligation_object(o) ORDER BY o.due, o.id), '[]') FROM capa.obligation o WHERE o.nc = nc_
$$;
