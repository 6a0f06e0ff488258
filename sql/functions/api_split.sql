-- A fingerprint that was merged into an NC becomes an open NC of its own; its events go there from now on.
CREATE OR REPLACE FUNCTION api.split(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc;
  from_ record;
  new_ int;
BEGIN
  PERFORM capa.check_call('split', principal, params);
  PERFORM capa.fingerprints_lock(ARRAY[(capa.reference(params ->> 'nc')).nc]);
  n := capa.begin_change('split', principal, params);
  from_ := capa.split_source(n, capa.param_text(params, 'fingerprint', 64));
  new_ := capa.split(n, from_.source, from_.fingerprint, actor);
  RETURN capa.finish(principal, actor, params, capa.result(new_, jsonb_build_object('split_from', 'NC-' || n.id)));
END $$;
