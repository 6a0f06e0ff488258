-- approve and refuse of a batch: one other person than its author decides all of it. Approved, each NC that is still as it was
-- when it was asked for is rejected, and told; what moved on meanwhile is left out and named. Returns the method's result.
CREATE OR REPLACE FUNCTION capa.batch_decide(principal jsonb, actor text, params jsonb, approved boolean) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
  b capa.batch := capa.batch_begin(params ->> 'ref');
  q capa.request;
  n capa.nc;
  bar record;
  done text[] := '{}';
  left_out jsonb := '[]';
  sentence_ text;
BEGIN
  SELECT * INTO q FROM capa.request WHERE batch = b.id AND state = 'open' FOR UPDATE;
  IF NOT FOUND THEN
    PERFORM capa.fail('refused', format('B-%s is %s: it waits for no decision.', b.id, b.state), NULL,
      CASE b.state WHEN 'approved' THEN format('capactl undo B-%s --reason TEXT takes it back.', b.id) ELSE 'capactl approvals lists what does.' END);
  END IF;
  bar := capa.decision_bar(q, principal, actor);
  IF bar.why IS NOT NULL THEN
    PERFORM capa.fail('refused', format('%s: %s.', capa.first_up(bar.why), capa.request_sentence(q)), NULL,
      'Ask somebody else to run: ' || capa.request_command(q));
  END IF;
  q.state := CASE WHEN approved THEN 'approved' ELSE 'refused' END;
  q.decided_by := actor;
  q.decided_at := capa.now();
  q.decision := capa.param_text(params, CASE WHEN approved THEN 'text' ELSE 'reason' END);
  PERFORM capa.put('request', to_jsonb(q));
  b.state := q.state;
  b.decided_by := actor;
  b.decided_at := q.decided_at;
  PERFORM capa.put('batch', to_jsonb(b));
  FOR n IN SELECT * FROM capa.nc WHERE approved AND id = ANY (b.ncs) ORDER BY id LOOP
    IF n.state || ' ' || n.cycle IS DISTINCT FROM b.what -> 'states' ->> ('NC-' || n.id) OR n.issuer IS NOT NULL THEN
      left_out := left_out || jsonb_build_object('ref', 'NC-' || n.id, 'sentence', CASE WHEN n.issuer IS NOT NULL
        THEN format('NC-%s is a finding of %s', n.id, n.issuer) ELSE format('NC-%s has moved on: it is %s now', n.id, n.state) END);
    ELSE
      n.batch := b.id;
      PERFORM capa.reject(n, b.reason, b.what -> 'suppress', b.author);
      done := done || ('NC-' || n.id);
    END IF;
  END LOOP;
  sentence_ := concat_ws(': ', CASE WHEN approved THEN format('B-%s approved, %s rejected', b.id, cardinality(done))
    || CASE WHEN left_out <> '[]' THEN format(', %s left out', jsonb_array_length(left_out)) ELSE '' END
    ELSE format('B-%s refused', b.id) END, q.decision);
  PERFORM capa.tell('batch.' || b.state, CASE WHEN approved THEN 'approve' ELSE 'refuse' END, 'B-' || b.id, NULL, jsonb_build_object(
    'what', CASE WHEN approved THEN 'approve' ELSE 'refuse' END, 'sentence', sentence_, 'batch', capa.batch_object(b), 'left_out', left_out));
  RETURN jsonb_build_object('ref', 'B-' || b.id, 'state', b.state, 'sentence', sentence_, 'batch', capa.batch_object(b),
    'rejected', to_jsonb(done), 'left_out', left_out, 'missing', '[]'::jsonb, 'next', CASE WHEN approved THEN jsonb_build_array(jsonb_build_object(
      'sentence', 'anyone can undo it', 'command', format('capactl undo B-%s --reason TEXT', b.id))) ELSE '[]' END);
END $$;
