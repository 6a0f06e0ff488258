-- Asks for many NCs to be rejected as one (PRODUCT, "Storms"): one batch, one request, decided by one other person. What is of
-- an issuer's is not among them. Returns its number.
CREATE OR REPLACE FUNCTION capa.batch_put(ncs_ int[], rule_ text, reason_ text, what_ jsonb, who text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  b capa.batch;
  q capa.request;
  overlap int;
BEGIN
  SELECT o.id INTO overlap FROM capa.batch o WHERE o.state = 'open' AND o.ncs && ncs_ ORDER BY o.id LIMIT 1;
  IF overlap IS NOT NULL THEN
    PERFORM capa.fail('refused', format('Some of them wait for a decision in B-%s already.', overlap), NULL,
      format('capactl approve B-%s or capactl refuse B-%s REASON first.', overlap, overlap));
  END IF;
  b.id := nextval('capa.batch_no');
  b.kind := 'rejection';
  b.rule := rule_;
  b.ncs := ncs_;
  b.reason := reason_;
  b.what := what_ || jsonb_build_object('count', cardinality(ncs_),
    'states', (SELECT jsonb_object_agg('NC-' || n.id, n.state || ' ' || n.cycle) FROM capa.nc n WHERE n.id = ANY (ncs_)));
  b.author := who;
  b.added_at := capa.now();
  b.state := 'open';
  PERFORM capa.put('batch', to_jsonb(b));
  q.id := nextval('capa.request_no');
  q.kind := 'batch';
  q.ref := 'B-' || b.id;
  q.batch := b.id;
  q.authors := ARRAY[who];
  q.what := jsonb_strip_nulls(what_ || jsonb_build_object('count', cardinality(ncs_), 'rule', rule_));
  q.hash := encode(sha256(convert_to(to_jsonb(b)::text, 'UTF8')), 'hex');
  q.reason := reason_;
  q.opened_at := b.added_at;
  q.state := 'open';
  PERFORM capa.put('request', to_jsonb(q));
  PERFORM capa.tell('batch.opened', 'reject', 'B-' || b.id, NULL, jsonb_build_object('what', 'reject', 'batch', capa.batch_object(b),
    'sentence', format('rejection of %s asked for as B-%s: %s', cardinality(ncs_), b.id, reason_)));
  RETURN b.id;
END $$;
