-- Of each frame of a batch the number of its first part that was stored (element frame + 1): that one holds the frame.
CREATE OR REPLACE FUNCTION capa.ingest_parents(batch jsonb, bodies bytea, first_ bigint) RETURNS bigint[] LANGUAGE sql STABLE AS $$
  SELECT array_agg(p.parent ORDER BY f.frame)
  FROM generate_series(0, jsonb_array_length(batch -> 'frames') - 1) AS f(frame)
  LEFT JOIN (SELECT e.frame, min(k.eventno) AS parent
             FROM capa.ingest_events(batch, bodies, NULL) e
             CROSS JOIN LATERAL (SELECT x.eventno FROM capa.event_key x WHERE x.key = e.key LIMIT 1) k
             WHERE e.frame IS NOT NULL AND k.eventno = first_ + e.n GROUP BY e.frame) p ON p.frame = f.frame
$$;
