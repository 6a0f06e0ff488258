-- Closes an NC whose facts ask for it: how and by whom, the cycle's end, and what its actions proved to be. A short
-- closing decided by an owner of this cycle, or by the standing decision of its rule, waits for confirmation by another (PRODUCT,
-- "Short way", "Self-closing"). Called by capa.advance.
CREATE OR REPLACE FUNCTION capa.close(n capa.nc, way text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  c capa.cycle;
  a capa.action;
  fact_ text := CASE way WHEN 'short' THEN 'need' ELSE 'verdict' END;
  who text;
  need jsonb := capa.record_of(n.id, n.cycle, 'need');
BEGIN
  SELECT r.author INTO who FROM capa.record r
    WHERE r.nc = n.id AND r.cycle = n.cycle AND r.fact = fact_ AND r.retracted_at IS NULL
      AND (way = 'short' OR (SELECT f.verdict FROM capa.fact f WHERE f.nc = n.id))
    ORDER BY r.id DESC LIMIT 1;
  n.state := 'closed';
  n.closed_at := capa.now();
  n.closed_how := CASE WHEN way = 'short' THEN 'short' WHEN who IS NOT NULL THEN 'verdict' ELSE 'evidence' END;
  n.closed_by := coalesce(who, 'system');
  PERFORM capa.put('nc', to_jsonb(n));
  SELECT * INTO STRICT c FROM capa.cycle WHERE nc = n.id AND no = n.cycle;
  c.ended_at := n.closed_at;
  c.ended_as := 'closed';
  c.ended_how := n.closed_how;
  c.ended_by := n.closed_by;
  PERFORM capa.put('cycle', to_jsonb(c));
  IF way = 'main' THEN
    PERFORM capa.passes_keep(n, (SELECT f.last_done FROM capa.fact f WHERE f.nc = n.id));
    FOR a IN SELECT * FROM capa.action x
             WHERE x.nc = n.id AND x.cycle = n.cycle AND x.kind <> 'correction' AND x.state = 'done' ORDER BY x.id LOOP
      a.result := 'effective';
      PERFORM capa.put('action', to_jsonb(a));
    END LOOP;
  ELSIF need ? 'standing' OR capa.any_person(who, capa.owners_of(n)) THEN
    who := coalesce(need ->> 'standing', who);
    PERFORM capa.request_put(n, 'short_closing', 'NC-' || n.id, ARRAY[who] || array_remove(ARRAY[n.owner], who), NULL,
      jsonb_build_object('need', need), need ->> 'reason');
  END IF;
END $$;
