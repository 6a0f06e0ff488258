-- What was counted before the event that completed its window becomes occurrences of the NC that this one raised or belongs to: counted
-- at once among what is in hand; their rows are written when the batch's events have numbers (capa.window_kept).
CREATE OR REPLACE FUNCTION capa.window_taken(nc_ int) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  taken record;
BEGIN
  IF to_regclass('pg_temp.capa_counted') IS NULL THEN
    RETURN;
  END IF;
  WITH t AS (UPDATE pg_temp.capa_reached SET nc = nc_ WHERE nc IS NULL RETURNING observed)
  SELECT count(*)::int AS n, min(observed) AS first, max(observed) AS last INTO taken FROM t;
  IF taken.n > 0 THEN
    PERFORM capa.pending(nc_, taken.n, 0, taken.first, taken.last);
  END IF;
END $$;
