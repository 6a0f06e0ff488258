-- One NC whole, or the NC of an action, or a batch (capa.batch_show); it ends with what is missing next and the command that records it.
CREATE OR REPLACE FUNCTION api.show(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  id_ int;
BEGIN
  PERFORM capa.check_call('show', principal, params);
  IF capa.batch_number(params ->> 'ref') IS NOT NULL THEN
    RETURN capa.batch_show(capa.batch_number(params ->> 'ref'), capa.hidden_ncs(principal, actor));
  END IF;
  id_ := (capa.reference(params ->> 'ref')).nc;
  PERFORM capa.check_read(principal, actor, id_);
  RETURN (left(capa.show_object(id_)::text, -1) || ',"evidence":' || capa.evidence_json(id_, NULL, true) || '}')::json;
END $$;
