-- How every method that changes one NC begins: who may, which NC (parameter nc, ref or action), lock it, is it the
-- version the caller saw, may the caller read it, and is it still open to this. actor_: where params do not name the actor.
CREATE OR REPLACE FUNCTION capa.begin_change(method_ text, principal jsonb, params jsonb, actor_ text DEFAULT NULL) RETURNS capa.nc
LANGUAGE plpgsql AS $$
DECLARE
  n capa.nc;
  id_ int;
BEGIN
  PERFORM capa.check_call(method_, principal, params);
  id_ := (capa.reference(coalesce(params ->> 'nc', params ->> 'ref', params ->> 'action'))).nc;
  SELECT * INTO STRICT n FROM capa.nc WHERE id = id_ FOR UPDATE;
  IF n.restricted AND NOT (method_ = 'ack' AND EXISTS (SELECT FROM capa.escalation e
       WHERE e.nc = n.id AND capa.escalation_for(coalesce(actor_, params ->> 'actor', principal ->> 'name'), e))) THEN
    PERFORM capa.check_read(principal, coalesce(actor_, params ->> 'actor', principal ->> 'name'), n.id);
  END IF;
  IF params -> 'if_version' <> 'null' AND n.version IS DISTINCT FROM capa.param_int(params, 'if_version') THEN
    PERFORM capa.fail('conflict', format('NC-%s is at version %s, not %s: it was changed meanwhile.', n.id, n.version,
                                         params ->> 'if_version'),
      jsonb_build_object('version', n.version), format('Look at capactl show NC-%s and decide again.', n.id));
  END IF;
  IF capa.has_left(n.state) AND NOT (SELECT m.left_too FROM capa.method m WHERE m.name = method_) THEN
    PERFORM capa.fail('refused', format('NC-%s is %s%s: %s changes nothing there.', n.id, n.state,
                                        coalesce(' into NC-' || n.merged_into, ''), method_),
      NULL, format('capactl reopen NC-%s --reason TEXT begins a new cycle.', n.id));
  END IF;
  RETURN n;
END $$;
