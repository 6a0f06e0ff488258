-- The register's tables after a journal row, from those of now: what changed since is taken out, and comes back with the newest value before,
-- searched backwards. The copies are made first and the journal read after: what a copy holds of a later change is in it.
-- What was made since is not searched for: by the moment it was made, which no later change moves, or that of the NC, action or follow-up that it is of.
CREATE OR REPLACE FUNCTION capa.scratch_back(seq_ bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  at_ timestamptz := (SELECT at FROM capa.journal WHERE seq = seq_);
  made constant jsonb := '{"action":"added_at","batch":"added_at","cycle":"began_at","escalation":"published_at","evidence":"at","follow_up":"added_at",
    "loaded":"at","nc":"raised_at","obligation":"added_at","record":"at","request":"opened_at","rule_hold":"at","seal":"at","silence":"added_at"}';
  name_ text;
  upper_ bigint := seq_;
  span bigint := 500;
BEGIN
  FOR name_ IN SELECT name FROM capa.register_table LOOP
    EXECUTE format('INSERT INTO pg_temp.%1$I SELECT * FROM capa.%1$I', name_);
  END LOOP;
  PERFORM capa.scratch_newest(seq_, NULL, false);
  CREATE TEMPORARY TABLE as_of_wanted (tbl text, key jsonb, nc int, action int, follow_up int, PRIMARY KEY (tbl, key));
  FOR name_ IN SELECT DISTINCT tbl FROM pg_temp.as_of_change LOOP
    EXECUTE format('WITH gone AS (DELETE FROM pg_temp.%1$I t USING pg_temp.as_of_change c WHERE c.tbl = %1$L AND c.key = %2$s RETURNING c.key, to_jsonb(t) AS row) '
                   'INSERT INTO pg_temp.as_of_wanted SELECT %1$L, key, (row ->> %3$L)::int, (row ->> ''action'')::int, (row ->> ''follow_up'')::int '
                   'FROM gone WHERE coalesce((row ->> %4$L)::timestamptz <= $1, true)',
                   name_, capa.scratch_key(name_, 't.%I'), CASE name_ WHEN 'nc' THEN 'id' ELSE 'nc' END, made ->> name_) USING at_;
  END LOOP;
  TRUNCATE pg_temp.as_of_change;
  DELETE FROM pg_temp.as_of_wanted w WHERE EXISTS (SELECT FROM capa.nc n WHERE n.id = w.nc AND n.raised_at > at_)
    OR EXISTS (SELECT FROM capa.action a WHERE a.id = w.action AND a.added_at > at_)
    OR EXISTS (SELECT FROM capa.follow_up f WHERE f.id = w.follow_up AND f.added_at > at_);
  WHILE upper_ > 0 AND EXISTS (SELECT FROM pg_temp.as_of_wanted) LOOP
    PERFORM capa.scratch_newest(greatest(upper_ - span, 0), upper_, true);
    upper_ := upper_ - span;
    span := 2 * span;
  END LOOP;
END $$;
