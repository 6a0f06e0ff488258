-- What `coverage` says of fields, from a sample of the stored events (capa.event_sample): with drift the paths that rules use which events of a source and
-- type used to have, three of them or more, in half of those at least, and none of the newest three or more has; else the fields that no rule
-- looks at. Of an adapter's event the element is looked at: by rules as /data/…, by adapters (whose places are among the paths) as it is.
CREATE OR REPLACE FUNCTION capa.coverage_fields(drift boolean) RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
  used text[] := ARRAY(SELECT jsonb_array_elements_text(body -> 'paths') FROM (SELECT l.body FROM capa.loaded l WHERE l.kind = 'rules' ORDER BY l.version DESC LIMIT 1) r);
BEGIN
  IF drift THEN
    RETURN (
      WITH sample AS MATERIALIZED (SELECT * FROM capa.event_sample()),
      place AS MATERIALIZED ( -- of a CloudEvent, and of an adapter's element
        SELECT false AS raw, u AS shown, capa.pointer_path(u) AS place FROM unnest(used) u
        UNION SELECT true, '/data' || x, capa.pointer_path(x) FROM (SELECT unnest(used) UNION SELECT substr(u, 6) FROM unnest(used) u WHERE u LIKE '/data/%') y(x)),
      looked AS (
        SELECT s.source, s.type, p.shown AS path, s.age, s.received, s.document #> p.place IS NOT NULL AS there
        FROM sample s JOIN place p ON p.raw = (s.adapter <> '')
        WHERE p.place IS NOT NULL)
      SELECT coalesce(json_agg(json_build_object('source', d.source, 'type', d.type, 'path', d.path, 'last_seen', capa.rfc3339(d.last_at), 'had', d.had, 'looked_at', d.n)
                               ORDER BY d.source, d.type, d.path), '[]')
      FROM (SELECT l.source, l.type, l.path, max(l.received) FILTER (WHERE l.there) AS last_at, count(*) FILTER (WHERE l.age = 'old' AND l.there) AS had, count(*) AS n
            FROM looked l GROUP BY l.source, l.type, l.path
            HAVING count(*) FILTER (WHERE l.age = 'old' AND l.there) >= 3 AND 2 * count(*) FILTER (WHERE l.age = 'old' AND l.there) >= count(*) FILTER (WHERE l.age = 'old')
               AND count(*) FILTER (WHERE l.age = 'new') >= 3 AND NOT bool_or(l.there) FILTER (WHERE l.age = 'new')) d);
  END IF;
  RETURN (
    WITH field AS (
      SELECT s.source, s.type, CASE WHEN s.adapter = '' THEN p ELSE '/data' || p END AS path, s.adapter <> '' AS raw, count(*) AS n, max(s.received) AS last_at
      FROM capa.event_sample() s CROSS JOIN LATERAL capa.json_pointers(s.document) p GROUP BY 1, 2, 3, 4)
    SELECT coalesce(json_agg(json_build_object('source', f.source, 'type', f.type, 'path', f.path, 'events', f.n, 'last_seen', capa.rfc3339(f.last_at))
                             ORDER BY f.source, f.type, f.path), '[]')
    FROM (SELECT * FROM field x WHERE x.path NOT IN ('/specversion', '/id', '/source', '/type', '/time', '/subject', '/datacontenttype', '/dataschema')
            AND NOT EXISTS (SELECT FROM unnest(used) u CROSS JOIN LATERAL (VALUES (x.path), (CASE WHEN x.raw THEN substr(x.path, 6) END)) v(path)
                            WHERE v.path = u OR starts_with(v.path, u || '/') OR starts_with(u, v.path || '/'))
          ORDER BY x.source, x.type, x.path LIMIT 1000) f);
END $$;
