-- How many of the passes that an NC's criterion asks for are still to come, in verifying: passes that are evidence already
-- (observed after the last action was done) count against it. At most 100 are kept as evidence; 0 if none are asked for.
CREATE OR REPLACE FUNCTION capa.criterion_passes(n capa.nc) RETURNS int LANGUAGE plpgsql STABLE AS $$
DECLARE
  asked jsonb := capa.record_of(n.id, n.cycle, 'criterion');
BEGIN
  IF n.state <> 'verifying' OR asked ->> 'method' IS DISTINCT FROM 'pass_count' THEN
    RETURN 0;
  END IF;
  RETURN greatest(0, least(coalesce((asked ->> 'passes')::int, 1), 100) - (
    SELECT count(*) FROM capa.evidence e WHERE e.nc = n.id AND e.cycle = n.cycle AND e.role = 'passed' AND e.at >= capa.last_done(n)));
END $$;
