-- One sentence for people: what a request would do and who may not decide it.
CREATE OR REPLACE FUNCTION capa.request_sentence(q capa.request) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE q.kind
      WHEN 'plan' THEN 'the plan of ' || q.ref
      WHEN 'extension' THEN format('the extension of %s to %s', q.ref, coalesce(q.what ->> 'to', q.what ->> 'due', 'a later date'))
      WHEN 'regrade' THEN format('the regrading of %s from %s to %s', q.ref, q.what ->> 'from', q.what ->> 'to')
      WHEN 'short_closing' THEN format('the closing of %s without action', q.ref)
      WHEN 'rejection' THEN format('the rejection of %s', q.ref)
      ELSE format('%s of %s', q.kind, q.ref) END
    || CASE WHEN q.kind = 'short_closing' THEN ' waits for confirmation' ELSE ' waits for approval' END
    || format(' by another person than %s', array_to_string(q.authors, ', '))
    || coalesce(': ' || q.reason, '')
$$;
