-- When, between two moments, subscriptions that carry one of these sources (null: any) were down, by subscription: some daemon had its
-- link down, and none had it up. Times in which no daemon had it at all are not among them: it was not configured, or capad was away,
-- which capa.presence says.
CREATE OR REPLACE FUNCTION capa.link_gaps(sources_ text[], from_ timestamptz, to_ timestamptz) RETURNS TABLE (name text, gaps tstzmultirange)
LANGUAGE sql STABLE AS $$
  SELECT d.name, d.gaps FROM (
    SELECT i.name, tstzmultirange(tstzrange(from_, greatest(from_, to_)))
                   * (range_agg(tstzrange(i.from_at, i.to_at)) FILTER (WHERE NOT i.up AND (sources_ IS NULL OR capa.link_carries(i.name, i.sources, sources_)))
                      - coalesce(range_agg(tstzrange(i.from_at, i.to_at)) FILTER (WHERE i.up), '{}')) AS gaps
    FROM capa.link_interval i WHERE i.from_at < to_ AND i.to_at > from_ AND (i.ended_at > from_ OR i.ended_at IS NULL) GROUP BY i.name) d
  WHERE NOT isempty(d.gaps)
$$;
