-- What a redaction reaches. Of an NC all its evidence and events; of a piece of evidence or an event those bytes, wherever
-- they are kept: other evidence with the same SHA-256, also of other NCs, is the same content. ncs: whose things they are.
CREATE OR REPLACE FUNCTION capa.redaction_scope(kind_ text, number_ bigint, OUT evidence int[], OUT events bigint[],
                                                OUT hashes text[], OUT ncs int[]) LANGUAGE plpgsql STABLE AS $$
BEGIN
  SELECT coalesce(array_agg(DISTINCT e.sha256) FILTER (WHERE e.sha256 IS NOT NULL), '{}'),
         coalesce(array_agg(DISTINCT e.eventno) FILTER (WHERE e.eventno IS NOT NULL), '{}')
  INTO hashes, events FROM capa.evidence e
  WHERE CASE kind_ WHEN 'NC' THEN e.nc WHEN 'EV' THEN e.id ELSE e.eventno END = number_;
  SELECT coalesce(array_agg(e.id ORDER BY e.id), '{}'),
         events || coalesce(array_agg(e.eventno) FILTER (WHERE e.eventno IS NOT NULL), '{}')
  INTO evidence, events FROM capa.evidence e
  WHERE e.sha256 = ANY (hashes) OR (kind_ = 'NC' AND e.nc = number_);
  IF kind_ = 'EVENT' THEN
    events := events || number_;
  ELSIF kind_ = 'NC' THEN
    events := events || ARRAY(SELECT v.eventno FROM capa.nc_event v WHERE v.nc = number_);
  END IF;
  events := ARRAY(SELECT DISTINCT e FROM unnest(events) e ORDER BY e);
  ncs := ARRAY(SELECT e.nc FROM capa.evidence e WHERE e.id = ANY (evidence)
               UNION SELECT v.nc FROM capa.event v WHERE v.eventno = ANY (events) AND v.nc IS NOT NULL
               UNION SELECT v.nc FROM capa.event_nc v WHERE v.eventno = ANY (events)
               UNION SELECT number_ WHERE kind_ = 'NC' ORDER BY 1);
END $$;
