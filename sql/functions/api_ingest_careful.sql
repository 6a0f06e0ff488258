-- The first door's slow form, after a data error (SEMANTICS section 2): the same steps for one event at a time, each in a
-- subtransaction, all in one transaction. The event that fails gets `invalid` and its bytes go to quarantine.
-- Everything that any of them may lock is locked first, then the turn, so that the order of locks is kept.
CREATE OR REPLACE FUNCTION api.ingest_careful(meta jsonb, bodies bytea) RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = capa, api, pg_temp SET timezone = 'UTC' SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off SET jit = off AS $$
DECLARE
  count_ int := (meta ->> 'count')::int;
  first_ bigint;
  verdicts text[] := '{}';
  verdict_ text[];
BEGIN
  PERFORM capa.ingest_check(meta, bodies);
  PERFORM capa.ingest_lock(ARRAY(SELECT DISTINCT c ->> 'fp' FROM jsonb_array_elements(meta -> 'cases') c));
  LOCK TABLE capa.turn IN EXCLUSIVE MODE;
  first_ := nextval('capa.eventno');
  PERFORM setval('capa.eventno', first_ + count_);
  FOR n_ IN 0 .. count_ - 1 LOOP
    BEGIN
      verdict_ := capa.ingest_batch(meta, bodies, n_, first_);
    EXCEPTION WHEN data_exception OR integrity_constraint_violation OR program_limit_exceeded THEN
      verdict_ := capa.ingest_failed(meta, bodies, n_, SQLERRM);
    END;
    verdicts := verdicts || verdict_;
  END LOOP;
  PERFORM capa.append('system');
  RETURN '{"results":[' || array_to_string(verdicts, ',') || ']}';
END $$;
