-- What approve and refuse do: a second person's decision on the request that `ref` names (SEMANTICS section 6, "Requests"), of a
-- batch, of a redaction, or of an NC and what belongs to it. method_: approve or refuse.
CREATE OR REPLACE FUNCTION capa.decision_call(method_ text, principal jsonb, actor text, params jsonb) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  approved boolean := method_ = 'approve';
  n capa.nc;
  q capa.request;
  redaction jsonb;
BEGIN
  PERFORM capa.check_call(method_, principal, params);
  IF capa.batch_number(params ->> 'ref') IS NOT NULL THEN
    RETURN capa.batch_decide(principal, actor, params, approved);
  END IF;
  redaction := capa.redaction_decide(principal, actor, params, approved);
  IF redaction IS NOT NULL THEN
    RETURN redaction;
  END IF;
  PERFORM capa.decide_lock((capa.reference(params ->> 'ref')).nc);
  n := capa.begin_change(method_, principal, params);
  q := capa.request_named(n, params, principal, actor, method_);
  PERFORM capa.decide(q, approved, actor, capa.param_text(params, CASE WHEN approved THEN 'text' ELSE 'reason' END));
  RETURN capa.result(n.id, jsonb_build_object('warnings', CASE WHEN approved AND q.kind = 'plan' THEN capa.verifiers_left(n.id) END));
END $$;
