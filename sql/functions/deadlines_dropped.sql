-- The open deadlines that an NC's facts no longer ask for: of earlier cycles (but a verdict met its deadline, also
-- one that began the next cycle), and window and verify after the NC moved back. They are void.
CREATE OR REPLACE FUNCTION capa.deadlines_dropped(n capa.nc, list capa.deadline[], kept int[], at timestamptz, policy jsonb)
RETURNS capa.deadline[] LANGUAGE plpgsql AS $$
DECLARE
  d capa.deadline;
  verdict timestamptz;
BEGIN
  IF n.state = 'accepted' THEN
    RETURN list;
  END IF;
  FOR i IN 1 .. coalesce(array_length(list, 1), 0) LOOP
    d := list[i];
    CONTINUE WHEN d.id = ANY (kept) OR d.met_at IS NOT NULL OR d.void_at IS NOT NULL;
    verdict := NULL;
    IF d.kind = 'verify' THEN
      SELECT max(r.at) INTO verdict FROM capa.record r
        WHERE r.nc = d.nc AND r.cycle = d.cycle AND r.fact = 'verdict' AND r.retracted_at IS NULL;
    END IF;
    list[i] := capa.deadline_status(d, CASE WHEN verdict IS NULL THEN 'void' ELSE 'met' END, verdict, at, policy);
  END LOOP;
  RETURN list;
END $$;
