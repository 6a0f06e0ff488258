-- The tables of a replay that begins at a moment, in the session's temporary schema: the register as it was then, empty tables for what events
-- leave behind, sequences that go on where the live ones are, views of what is not the replay's to write (OFFSET 0: nothing can be written through
-- them). replay: the one row about the replay itself; told: what its register told; live_hold: when rules were held; again: events that are no
-- new ones, since a silence's end sent them once more.
CREATE OR REPLACE FUNCTION capa.replay_tables(from_ timestamptz) RETURNS void LANGUAGE plpgsql SET client_min_messages = warning AS $$
DECLARE
  seen constant text[] := '{clock,epoch,state,transition,guard,setting,register_table,applied,link,link_daemon,link_source,link_told}';
  name_ text;
  last_ bigint;
BEGIN
  PERFORM capa.scratch_register(capa.as_of_seq(from_));
  FOR name_ IN
    SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'capa'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND c.relname NOT IN (SELECT r.name FROM capa.register_table r) AND c.relname <> 'presence'
  LOOP
    EXECUTE format(CASE WHEN name_ = ANY (seen) THEN 'CREATE TEMPORARY VIEW %1$I AS SELECT * FROM capa.%1$I OFFSET 0'
                        ELSE 'CREATE TEMPORARY TABLE %1$I (LIKE capa.%1$I INCLUDING ALL)' END, name_);
  END LOOP;
  -- somebody is there now, whatever the clock of the replay says: what waits for a tick of now waits for nothing here
  CREATE TEMPORARY VIEW presence AS SELECT p.id, p.from_at, p.to_at,
    CASE WHEN p.id = (SELECT max(x.id) FROM capa.presence x) THEN clock_timestamp() ELSE p.beat END AS beat FROM capa.presence p;
  FOR name_ IN SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'capa'::regnamespace AND c.relkind = 'S' LOOP
    EXECUTE format('SELECT last_value FROM capa.%I', name_) INTO last_;
    EXECUTE format('CREATE TEMPORARY SEQUENCE %I START %s', name_, last_ + 1);
  END LOOP;
  CREATE TEMPORARY TABLE replay (from_at timestamptz NOT NULL, since timestamptz NOT NULL, upto timestamptz NOT NULL, at timestamptz NOT NULL,
    first bigint NOT NULL, holds boolean NOT NULL, ticked bigint NOT NULL);
  CREATE TEMPORARY TABLE told (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL, topic text NOT NULL, nc int);
  CREATE TEMPORARY TABLE live_hold AS SELECT * FROM capa.rule_hold;
  CREATE TEMPORARY TABLE again AS SELECT k.eventno FROM capa.muted m JOIN capa.event_key k
    ON k.key = substring(sha256(convert_to(format('silence %s event %s %s', m.silence, m.eventno, encode(m.fingerprint, 'hex')), 'UTF8')) FOR 16)
    WHERE m.silence IS NOT NULL;
END $$;
