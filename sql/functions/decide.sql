-- Carries out the decision on a request. Who may decide was checked before (capa.request_named).
CREATE OR REPLACE FUNCTION capa.decide(q capa.request, approved boolean, who text, text_ text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  n capa.nc;
  sentence_ text := concat_ws(': ', replace(q.kind, '_', ' ') || CASE WHEN approved THEN ' approved' ELSE ' refused' END, text_);
BEGIN
  q.state := CASE WHEN approved THEN 'approved' ELSE 'refused' END;
  q.decided_by := who;
  q.decided_at := capa.now();
  q.decision := text_;
  PERFORM capa.put('request', to_jsonb(q));
  SELECT * INTO STRICT n FROM capa.nc WHERE id = q.nc;
  IF approved AND q.kind = 'extension' THEN
    PERFORM capa.extension_grant(q);
    RETURN;
  ELSIF approved AND q.kind = 'regrade' THEN
    PERFORM capa.regrade(n, q.what ->> 'to', who, q.reason);
    RETURN;
  ELSIF approved AND q.kind = 'rejection' THEN
    PERFORM capa.reject(n, q.reason, q.what -> 'suppress', array_to_string(q.authors, ', '));
    RETURN;
  ELSIF approved AND q.kind = 'plan' THEN
    PERFORM capa.record_put(n, 'approval', jsonb_build_object('hash', q.hash, 'request', q.id, 'text', text_), who);
  ELSIF NOT approved AND q.kind = 'short_closing' THEN
    PERFORM capa.short_closing_undo(n, who, text_);
  END IF;
  PERFORM capa.changed(q.nc, 'nc.changed', CASE WHEN approved THEN 'approve' ELSE 'refuse' END, q.ref, sentence_,
                       jsonb_build_object('request', q.kind));
END $$;
