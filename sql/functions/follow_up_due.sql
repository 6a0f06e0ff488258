-- The due date of a follow-up's period has come, seen from a tick. Nothing was recorded: it is missed, and the next period
-- begins from that date; so for each period that passed while nobody was there, ten at a time: the next tick goes on. A no_recurrence is ok by itself if the whole
-- period was covered (capa.uncovered) under the rule as it is loaded now; uncovered time extends it, at most to twice its length, and
-- after that it is missed: that nobody could have heard is no proof, and is said. Returns whether anything was decided or moved; if not, its
-- ladder may speak. The caller holds the NC's row.
CREATE OR REPLACE FUNCTION capa.follow_up_due(id_ int, at timestamptz) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  f capa.follow_up;
  p capa.follow_up_period;
  n capa.nc;
  c record;
  base timestamptz;
  done boolean := false;
BEGIN
  FOR round IN 1 .. 10 LOOP
    SELECT * INTO STRICT f FROM capa.follow_up WHERE id = id_;
    SELECT * INTO p FROM capa.follow_up_period x WHERE x.follow_up = id_ AND x.outcome IS NULL AND x.due <= at ORDER BY x.no LIMIT 1;
    EXIT WHEN NOT FOUND OR f.state <> 'running';
    done := true;
    IF f.kind <> 'no_recurrence' THEN
      PERFORM capa.follow_up_decide(f, p, 'missed', 'system', CASE f.kind WHEN 'evidence' THEN 'no pass came' ELSE 'nothing was recorded' END, 'tick', true);
      CONTINUE;
    END IF;
    SELECT * INTO STRICT n FROM capa.nc WHERE id = f.nc;
    base := capa.follow_up_date(f, p.no, p.from_at, capa.policy_of(f.nc) -> 'calendar');
    SELECT * INTO c FROM capa.covered_end(n.rule, capa.rule_hash_at(n.rule, at), p.from_at, base, at, n.id);
    IF NOT c.open_ AND c.ends <= at THEN
      PERFORM capa.follow_up_decide(f, p, 'ok', 'system', 'it did not recur, over covered time', 'tick', true);
    ELSIF at >= base + (base - p.from_at) THEN
      PERFORM capa.follow_up_decide(f, p, 'missed', 'system', format('not proved: %s of it were not covered', capa.span_text(capa.span_of(c.uncovered_))), 'tick', true);
    ELSE
      p.due := least(base + (base - p.from_at), greatest(c.ends, CASE WHEN c.open_ THEN at + least(interval '1 hour', (base - p.from_at) / 10) END));
      PERFORM capa.put('follow_up_period', to_jsonb(p));
      PERFORM capa.changed(f.nc, 'follow_up.changed', 'tick', 'FU-' || f.id, format('%s: period %s goes on to %s, because %s of it were not covered', f.title, p.no,
        to_char(p.due AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"'), capa.span_text(capa.span_of(c.uncovered_))),
        jsonb_build_object('period', p.no, 'follow_up', capa.follow_up_object(f.id)));
      RETURN true;
    END IF;
  END LOOP;
  RETURN done;
END $$;
