-- What stands for a title where a request is about no single NC.
CREATE OR REPLACE FUNCTION capa.request_title(q capa.request) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE q.kind WHEN 'batch' THEN format('%s nonconformities%s', q.what ->> 'count', coalesce(' that rule ' || (q.what ->> 'rule') || ' raised', ''))
              ELSE q.ref END
$$;
