-- The obligation of an NC that runs under a label; all null where none does.
CREATE OR REPLACE FUNCTION capa.obligation_running(n capa.nc, label_ text) RETURNS capa.obligation LANGUAGE sql STABLE AS $$
  SELECT o FROM capa.obligation o
  WHERE o.nc = n.id AND o.label = label_ AND o.met_at IS NULL AND o.void_at IS NULL ORDER BY o.id DESC LIMIT 1
$$;
