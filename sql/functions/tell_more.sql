-- Adds what was put since the last tell to the newest journal row of this transaction about an NC: for what is known only
-- at the end, such as an event's number.
CREATE OR REPLACE FUNCTION capa.tell_more(nc_ int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  WITH taken AS (DELETE FROM pg_temp.capa_change RETURNING n, tbl, rows),
  list AS (SELECT jsonb_agg(jsonb_build_object('table', tbl, 'rows', rows) ORDER BY n) AS changes FROM taken)
  UPDATE pg_temp.capa_entry e
  SET data = jsonb_set(e.data, '{changes}', coalesce(e.data -> 'changes', '[]') || list.changes)
  FROM list
  WHERE list.changes IS NOT NULL AND e.n = (SELECT max(x.n) FROM pg_temp.capa_entry x WHERE x.nc = nc_);
END $$;
