-- The command that decides a request; it names the kind only where another one is open beside it.
CREATE OR REPLACE FUNCTION capa.request_command(q capa.request) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE q.kind WHEN 'short_closing' THEN 'capactl confirm ' || q.ref ELSE 'capactl approve ' || q.ref END
    || CASE WHEN q.kind <> 'short_closing' AND (SELECT count(*) FROM capa.request o WHERE o.nc = q.nc AND o.state = 'open'
                   AND (q.ref LIKE 'NC-%' OR o.ref = q.ref)) > 1
            THEN ' --what ' || q.kind ELSE '' END
$$;
