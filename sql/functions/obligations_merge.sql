-- What somebody outside, or the law, set dates for goes with a merged NC to its target, with those dates: where the same runs there
-- already, the earlier one holds; where another's has that label, it gets one of its own. Puts rows; the caller tells, and lets the
-- deadlines follow.
CREATE OR REPLACE FUNCTION capa.obligations_merge(t capa.nc, n capa.nc, who text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  o capa.obligation;
  there capa.obligation;
BEGIN
  FOR o IN SELECT * FROM capa.obligation x WHERE x.nc = n.id AND x.met_at IS NULL AND x.void_at IS NULL ORDER BY x.id LOOP
    there := capa.obligation_running(t, o.label);
    IF there.id IS NULL OR there.source IS DISTINCT FROM o.source THEN
      PERFORM capa.obligation_put(t, o.kind, o.label || CASE WHEN there.id IS NULL THEN '' ELSE '_nc-' || n.id END, o.source,
                                  o.started_at, o.due, who);
    ELSIF o.due < there.due THEN
      there.due := o.due;
      PERFORM capa.put('obligation', to_jsonb(there));
    END IF;
  END LOOP;
END $$;
