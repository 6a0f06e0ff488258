-- What an NC's current cycle waits on outside: [{"action","on","until"}], derived, never a state.
CREATE OR REPLACE FUNCTION capa.blocked_by(n capa.nc) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('action', 'CA-' || a.id, 'on', a.waiting_on, 'until', capa.rfc3339(a.waiting_until))
                            ORDER BY a.waiting_until, a.id), '[]')
  FROM capa.action a WHERE a.nc = n.id AND a.cycle = n.cycle AND a.state = 'waiting' AND NOT capa.has_left(n.state));
END $$;
