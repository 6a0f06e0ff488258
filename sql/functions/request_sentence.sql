-- One sentence for people: what a request would do and who may not decide it.
CREATE OR REPLACE FUNCTION capa.request_sentence(q capa.request) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE q.kind
      WHEN 'plan' THEN 'the plan of ' || q.ref
      WHEN 'extension' THEN format('the extension of %s to %s', q.ref, coalesce(q.what ->> 'to', q.what ->> 'due', 'a later date'))
      WHEN 'external_deadline' THEN format('the later date %s of %s for %s, as its issuer wrote', q.what ->> 'to', q.what ->> 'label', q.ref)
      WHEN 'regrade' THEN format('the regrading of %s from %s to %s', q.ref, q.what ->> 'from', q.what ->> 'to')
      WHEN 'short_closing' THEN format('the closing of %s without action', q.ref)
      WHEN 'rejection' THEN format('the rejection of %s', q.ref)
      WHEN 'merge' THEN format('the merging of %s into NC-%s', q.ref, q.what ->> 'into')
      WHEN 'acceptance' THEN format('the acceptance of %s until %s on %s', q.ref, q.what ->> 'until', q.what ->> 'risk')
      WHEN 'batch' THEN format('the rejection of %s nonconformities at once (%s)', q.what ->> 'count', q.ref)
      WHEN 'redaction' THEN format('the redaction of %s, whose content would be gone for good,', q.ref)
      WHEN 'follow_up_stop' THEN format('stopping %s early (%s)', q.ref, q.what ->> 'title')
      ELSE format('%s of %s', q.kind, q.ref) END
    || CASE WHEN q.kind = 'short_closing' THEN ' waits for confirmation' ELSE ' waits for approval' END
    || CASE q.kind WHEN 'acceptance' THEN ' by a risk owner, another person than its owner and than ' ELSE ' by another person than ' END
    || array_to_string(q.authors, ', ')
    || coalesce(': ' || q.reason, '')
$$;
