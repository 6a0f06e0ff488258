-- The journal row of a redaction, of one NC (null: of an event that belongs to none): who asked, who approved, why, what went.
-- rows_: numbers of the journal rows without content now; gone: the evidence rows. It holds no text of what went.
CREATE OR REPLACE FUNCTION capa.redact_tell(q capa.request, nc_ int, rows_ bigint[], gone jsonb, n_events bigint)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  data jsonb := jsonb_build_object('what', 'redact', 'target', q.ref, 'reason', q.reason, 'asked_by', q.authors,
    'approved_by', q.decided_by, 'rows', to_jsonb(rows_), 'events', n_events,
    'evidence', (SELECT coalesce(jsonb_agg(jsonb_build_object('ref', 'EV-' || (e ->> 'id'), 'sha256', e ->> 'sha256')), '[]')
                 FROM jsonb_array_elements(gone) e));
  sentence_ text := format('%s redacted: %s journal rows, %s pieces of evidence and %s events lost their content: %s', q.ref,
                           coalesce(cardinality(rows_), 0), jsonb_array_length(gone), n_events, q.reason);
BEGIN
  IF nc_ IS NULL THEN
    PERFORM capa.tell('evidence.redacted', 'redact', NULL, NULL, data || jsonb_build_object('sentence', sentence_));
  ELSE
    PERFORM capa.changed(nc_, 'evidence.redacted', 'redact', 'NC-' || nc_, sentence_, data - 'what');
  END IF;
END $$;
