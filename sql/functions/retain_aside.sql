-- Retention of what is kept beside the register (ignored events, quarantine): by age, and oldest days first where it is too big.
-- What had to go for its size is counted as `cut`. While today's alone is too big nothing more is kept of it
-- (the mark <table>_full), but everything is still counted.
CREATE OR REPLACE FUNCTION capa.retain_aside(table_ text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  before_ timestamptz := capa.now() - capa.setting_interval('retention.' || table_);
  most bigint := (SELECT value::text::bigint FROM capa.setting WHERE name = 'bytes.' || table_);
  size bigint;
  p record;
  lost bigint;
BEGIN
  SELECT sum(bytes) INTO size FROM capa.partition_list(table_);
  FOR p IN SELECT * FROM capa.partition_list(table_) WHERE upto IS NOT NULL LOOP
    CONTINUE WHEN p.upto > before_ AND (size <= most OR p.upto > capa.now());
    IF p.upto > before_ THEN
      EXECUTE format('SELECT count(*) FROM capa.%I', p.name) INTO lost;
      INSERT INTO capa.tally (status, n, first_at, last_at)
      SELECT 'cut', lost, capa.now(), capa.now() WHERE lost > 0;
    END IF;
    EXECUTE format('DROP TABLE capa.%I', p.name);
    size := size - p.bytes;
  END LOOP;
  EXECUTE format('DELETE FROM capa.%I WHERE received < $1', table_ || '_default') USING before_;
  DELETE FROM capa.chore WHERE name = table_ || '_full';
  INSERT INTO capa.chore SELECT table_ || '_full', capa.now() WHERE size > most;
END $$;
