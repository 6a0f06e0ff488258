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
  IF q.kind = 'redaction' AND (approved OR q.nc IS NULL) THEN
    IF approved THEN
      PERFORM capa.redact(q);
    ELSE
      PERFORM capa.tell('evidence.changed', 'refuse', NULL, NULL, jsonb_build_object('what', 'refuse', 'sentence', sentence_));
    END IF;
    RETURN;
  END IF;
  SELECT * INTO STRICT n FROM capa.nc WHERE id = q.nc;
  IF approved AND q.kind = 'follow_up_stop' THEN
    PERFORM capa.follow_up_stopped(q, who);
    RETURN;
  ELSIF approved AND q.kind IN ('extension', 'external_deadline') THEN
    PERFORM capa.extension_grant(q);
    RETURN;
  ELSIF approved AND q.kind = 'regrade' THEN
    PERFORM capa.regrade(n, q.what ->> 'to', who, q.reason);
    RETURN;
  ELSIF approved AND q.kind = 'rejection' THEN
    PERFORM capa.issuer_holds(n, 'rejected');
    PERFORM capa.reject(n, q.reason, q.what -> 'suppress', array_to_string(q.authors, ', '));
    RETURN;
  ELSIF approved AND q.kind = 'merge' THEN
    PERFORM capa.merge_check(n, (q.what ->> 'into')::int);
    PERFORM capa.merge(n, (q.what ->> 'into')::int, q.reason, array_to_string(q.authors, ', '));
    RETURN;
  ELSIF approved AND q.kind = 'acceptance' THEN
    PERFORM capa.acceptance_grant(n, q, who);
    RETURN;
  ELSIF approved AND q.kind = 'plan' THEN
    PERFORM capa.record_put(n, 'approval', jsonb_build_object('hash', q.hash, 'request', q.id, 'text', text_), who);
  ELSIF NOT approved AND q.kind = 'short_closing' THEN
    PERFORM capa.fingerprint_free(n, 'Its short closing cannot be refused');
    PERFORM capa.short_closing_undo(n, who, text_);
  END IF;
  PERFORM capa.changed(q.nc, 'nc.changed', CASE WHEN approved THEN 'approve' ELSE 'refuse' END, q.ref, sentence_,
                       jsonb_build_object('request', q.kind));
END $$;
