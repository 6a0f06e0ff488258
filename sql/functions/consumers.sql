-- The durable consumers, for status: the furthest behind first.
CREATE OR REPLACE FUNCTION capa.consumers() RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('name', c.name, 'principal', c.principal, 'acked', c.seq,
    'behind', coalesce(h.head, 0) - c.seq, 'at', capa.rfc3339(c.at), 'lags', capa.consumer_lags(c.seq)) ORDER BY c.seq, c.name), '[]')
  FROM capa.consumer c CROSS JOIN (SELECT max(seq) AS head FROM capa.journal) h
$$;
