-- Opens a request: something that is in force only once a person who is none of its authors has approved it. An open
-- one of the same kind about the same thing is replaced. Returns its number.
CREATE OR REPLACE FUNCTION capa.request_put(n capa.nc, kind_ text, ref_ text, authors_ text[], hash_ text, what_ jsonb,
                                            reason_ text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
  q capa.request;
BEGIN
  FOR q IN SELECT * FROM capa.request WHERE nc = n.id AND kind = kind_ AND ref = ref_ AND state = 'open' ORDER BY id LOOP
    q.state := 'void';
    q.decided_at := capa.now();
    PERFORM capa.put('request', to_jsonb(q));
  END LOOP;
  q := NULL;
  q.id := nextval('capa.request_no');
  q.kind := kind_;
  q.nc := n.id;
  q.cycle := n.cycle;
  q.ref := ref_;
  q.authors := authors_;
  q.hash := coalesce(hash_, encode(sha256(convert_to(what_::text, 'UTF8')), 'hex'));
  q.what := what_;
  q.reason := reason_;
  q.opened_at := capa.now();
  q.state := 'open';
  PERFORM capa.put('request', to_jsonb(q));
  RETURN q.id;
END $$;
