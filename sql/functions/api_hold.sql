-- Hold: nothing of an NC may be removed, by retention or redaction, until the hold is ended. Beginning it again replaces the
-- reason.
CREATE OR REPLACE FUNCTION api.hold(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('hold', principal, params);
  reason_ text := capa.param_text(params, 'reason');
  end_ boolean := coalesce(capa.param_bool(params, 'end'), false);
BEGIN
  IF end_ AND n.hold IS NULL THEN
    PERFORM capa.fail('refused', format('NC-%s is not under hold.', n.id), NULL, format('capactl hold NC-%s --reason TEXT begins one.', n.id));
  END IF;
  n.hold := CASE WHEN NOT end_ THEN reason_ END;
  n.held_by := CASE WHEN NOT end_ THEN actor END;
  PERFORM capa.put('nc', to_jsonb(n));
  PERFORM capa.changed(n.id, 'nc.changed', 'hold', 'NC-' || n.id,
    CASE WHEN end_ THEN 'hold ended: ' ELSE 'under hold, nothing of it may be removed: ' END || reason_);
  RETURN capa.finish(principal, actor, params, capa.result(n.id));
END $$;
