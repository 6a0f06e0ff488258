-- Makes an NC restricted, or open to all again. Restricted: the bus and journal_read carry a summary without texts, and only those of
-- capa.hidden_ncs read more; what was told before is withheld from replay from now on.
CREATE OR REPLACE FUNCTION api.restrict(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('restrict', principal, params, actor);
  to_ boolean := capa.param_bool(params, 'restricted');
BEGIN
  IF to_ = coalesce(n.restricted, false) THEN
    PERFORM capa.fail('refused', format('NC-%s is %s already.', n.id, CASE WHEN to_ THEN 'restricted' ELSE 'open to all' END));
  END IF;
  n.restricted := to_;
  PERFORM capa.put('nc', to_jsonb(n));
  IF to_ THEN
    PERFORM capa.withhold_past(n.id);
  END IF;
  PERFORM capa.changed(n.id, 'nc.changed', 'restrict', 'NC-' || n.id, concat_ws(': ',
    CASE WHEN to_ THEN 'restricted' ELSE 'restricted no more' END, capa.param_text(params, 'reason')));
  RETURN capa.finish(principal, actor, params, capa.result(n.id));
END $$;
