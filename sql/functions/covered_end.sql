-- When a time that must be covered ends: `ends_` is its end by the calendar; each uncovered interval before the end moves it on
-- by its own length, and by what it then reaches too. uncovered_: how much was added. open_: it is uncovered at `to_`
-- itself, so the end still moves. `to_` is now, or when what was waited for had ended otherwise.
CREATE OR REPLACE FUNCTION capa.covered_end(rule_ text, rule_hash_ text, from_ timestamptz, ends_ timestamptz, to_ timestamptz, nc_ int DEFAULT NULL,
                                            heard_ boolean DEFAULT true, sources_ text[] DEFAULT NULL, OUT ends timestamptz, OUT uncovered_ interval, OUT open_ boolean)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  gap tstzrange;
BEGIN
  ends := ends_;
  uncovered_ := '0';
  open_ := false;
  FOR gap IN SELECT unnest(range_agg(tstzrange(u.from_at, u.to_at))) FROM capa.uncovered(rule_, rule_hash_, from_, to_, nc_, heard_, sources_) u LOOP
    EXIT WHEN lower(gap) >= ends;
    uncovered_ := uncovered_ + (upper(gap) - lower(gap));
    ends := ends + (upper(gap) - lower(gap));
    open_ := upper(gap) >= to_;
  END LOOP;
END $$;
