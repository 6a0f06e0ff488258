-- Tell the counts of this transaction about events that get their number only later, under the turn: so what is told
-- of an NC while a batch is worked on counts the events worked on so far.
CREATE OR REPLACE FUNCTION capa.pending(nc_ int, fails_ int, passes_ int, first_ timestamptz, last_ timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF to_regclass('pg_temp.capa_pending') IS NULL THEN
    CREATE TEMPORARY TABLE capa_pending (nc int NOT NULL, fails int NOT NULL, passes int NOT NULL,
      first_seen timestamptz, last_seen timestamptz);
  END IF;
  INSERT INTO pg_temp.capa_pending VALUES (nc_, fails_, passes_, first_, last_);
END $$;
