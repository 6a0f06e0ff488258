-- An NC as `list` gives it (hidden: to one who may not read it): its summary, what it lacks, and with register the columns of a corrective action register.
CREATE OR REPLACE FUNCTION capa.list_object(nc_ int, register_ boolean, hidden boolean DEFAULT false) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT CASE WHEN hidden THEN capa.masked(capa.summary(nc_)) || jsonb_build_object('missing', '[]'::jsonb)
      || CASE WHEN register_ THEN jsonb_build_object('register', jsonb_build_object('issue', 'restricted', 'root_cause', NULL, 'action', NULL,
                                                     'owner', NULL, 'due', NULL)) ELSE '{}' END
    ELSE capa.summary(nc_) || jsonb_build_object('missing', capa.missing(nc_))
    || (SELECT CASE WHEN b = '[]' THEN '{}' ELSE jsonb_build_object('blocked', b) END FROM capa.nc n, capa.blocked_by(n) b WHERE n.id = nc_)
    || CASE WHEN register_ THEN jsonb_build_object('register', (
      SELECT jsonb_build_object('issue', coalesce(n.found, n.title), 'root_cause', capa.record_of(n.id, n.cycle, 'cause') ->> 'text',
        'action', a.title, 'owner', coalesce(a.owner, n.owner), 'due', capa.rfc3339(coalesce(a.due, d.due)))
      FROM capa.nc n LEFT JOIN capa.next_due d ON d.nc = n.id
      LEFT JOIN LATERAL (SELECT * FROM capa.action x
        WHERE x.nc = n.id AND x.cycle = n.cycle AND x.kind <> 'correction' AND x.state <> 'cancelled'
        ORDER BY x.state = 'done', x.due, x.id LIMIT 1) a ON true
      WHERE n.id = nc_)) ELSE '{}' END END);
END $$;
