-- An NC as `list` gives it: its summary, what it lacks, and with register the columns of a corrective action register.
CREATE OR REPLACE FUNCTION capa.list_object(nc_ int, register_ boolean) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT capa.summary(nc_) || jsonb_build_object('missing', capa.missing(nc_))
    || CASE WHEN register_ THEN jsonb_build_object('register', (
      SELECT jsonb_build_object('issue', coalesce(n.found, n.title), 'root_cause', capa.record_of(n.id, n.cycle, 'cause') ->> 'text',
        'action', a.title, 'owner', coalesce(a.owner, n.owner), 'due', capa.rfc3339(coalesce(a.due, d.due)))
      FROM capa.nc n LEFT JOIN capa.next_due d ON d.nc = n.id
      LEFT JOIN LATERAL (SELECT * FROM capa.action x
        WHERE x.nc = n.id AND x.cycle = n.cycle AND x.kind <> 'correction' AND x.state <> 'cancelled'
        ORDER BY x.state = 'done', x.due, x.id LIMIT 1) a ON true
      WHERE n.id = nc_)) ELSE '{}' END
$$;
