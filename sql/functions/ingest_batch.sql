-- A batch of events as if sent one after the other, in four steps: keys, evidence, register, verdicts (ARCHITECTURE). A
-- batch whose cases all change nothing locks nothing but the turn. One that may change the register first finds the
-- events that are new, locks and does the register's work, and takes the turn after it. Under the turn it is looked at
-- again whether what was quiet still is; if not, or if a key was taken meanwhile, the batch is to be sent once more (40001).
-- A quiet batch looks at no temporary table. only_, first_: of capa.ingest_careful, which holds all locks and the turn: this
-- event alone, numbered from first_.
CREATE OR REPLACE FUNCTION capa.ingest_batch(batch jsonb, bodies bytea, only_ int DEFAULT NULL, first_ bigint DEFAULT NULL)
RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  received_ timestamptz := capa.now();
  nc_ int[];
  outcome_ text[];
  quiet_ boolean[];
  all_quiet boolean;
  moved text := capa.ingest_moved();
  fresh int[];
  stored int[];
  o capa.ingest_outcome;
BEGIN
  SELECT array_agg(c.nc ORDER BY c.no), array_agg(c.outcome ORDER BY c.no), array_agg(c.quiet ORDER BY c.no),
         coalesce(bool_and(c.quiet), true)
  INTO nc_, outcome_, quiet_, all_quiet FROM capa.ingest_cases(batch, received_) c;
  IF NOT all_quiet THEN
    fresh := capa.ingest_keys(batch, bodies, only_);
    PERFORM capa.ingest_register(batch, bodies, fresh, received_, nc_, outcome_, quiet_);
  END IF;
  LOCK TABLE capa.turn IN EXCLUSIVE MODE;
  IF moved <> capa.ingest_moved() THEN   -- apart from the next line, which costs to be begun even where it is not needed
    IF EXISTS (SELECT FROM capa.ingest_cases(batch, received_) c
               WHERE quiet_[c.no + 1] AND (NOT c.quiet OR c.nc IS DISTINCT FROM nc_[c.no + 1])) THEN
      RAISE SERIALIZATION_FAILURE USING MESSAGE = 'an NC of this batch moved while it was worked on; send it again';
    END IF;
  END IF;
  IF first_ IS NULL THEN
    first_ := nextval('capa.eventno');
    PERFORM setval('capa.eventno', first_ + (batch ->> 'count')::int);
  END IF;
  o := capa.ingest_outcomes(batch, nc_, outcome_, fresh IS NOT NULL);
  stored := capa.ingest_store(batch, bodies, received_, first_, only_, o);
  IF fresh IS NOT NULL THEN
    IF NOT fresh <@ stored THEN
      RAISE SERIALIZATION_FAILURE USING MESSAGE = 'an event of this batch came another way meanwhile; send it again';
    END IF;
    PERFORM capa.ingest_kept(first_);
    PERFORM capa.window_kept(first_);
    PERFORM capa.ingest_proved();
    IF only_ IS NULL THEN
      PERFORM capa.append('system');
    END IF;
  END IF;
  IF batch ? 'watched' THEN
    PERFORM capa.expectation_passed(batch, bodies, received_, stored);
  END IF;
  IF batch ? 'heard' THEN
    PERFORM capa.link_heard(batch -> 'heard');
  END IF;
  RETURN capa.ingest_verdicts(batch, bodies, received_, first_, only_, stored, o);
END $$;
