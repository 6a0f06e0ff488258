-- Replaces the free texts of all register rows about an NC, and puts what else its redacted journal rows had changed as it is
-- now: so this redaction's own journal row says all that they said of the present. An approval that was in force goes on:
-- it is signed anew for the plan without its words. Gives the numbers of the journal rows that lost their content.
CREATE OR REPLACE FUNCTION capa.redact_record(nc_ int) RETURNS bigint[] LANGUAGE plpgsql AS $$
DECLARE
  before_ text := capa.plan_hash(nc_);
  after_ text;
  taken record := capa.redact_journal(nc_);
  tbl_ text;
  rows_ jsonb;
  change jsonb;
BEGIN
  FOR change IN SELECT jsonb_array_elements(taken.changed) LOOP
    SELECT jsonb_agg(r) INTO rows_ FROM capa.rows_now(change ->> 'table', change -> 'rows') r
    WHERE r NOT IN (SELECT capa.rows_of_nc(change ->> 'table', nc_));
    PERFORM capa.put(change ->> 'table', coalesce(rows_, '[]'));
  END LOOP;
  FOR tbl_ IN SELECT name FROM capa.register_table ORDER BY name LOOP
    SELECT jsonb_agg(capa.redacted_row(tbl_, r)) INTO rows_ FROM capa.rows_of_nc(tbl_, nc_) r;
    PERFORM capa.put(tbl_, coalesce(rows_, '[]'));
  END LOOP;
  after_ := capa.plan_hash(nc_);
  SELECT coalesce(jsonb_agg(jsonb_set(to_jsonb(r), '{value,hash}', to_jsonb(after_))), '[]') INTO rows_
  FROM capa.record r WHERE r.nc = nc_ AND r.fact = 'approval' AND r.value ->> 'hash' = before_;
  PERFORM capa.put('record', rows_);
  SELECT coalesce(jsonb_agg(to_jsonb(q) || jsonb_build_object('hash', after_)), '[]') INTO rows_
  FROM capa.request q WHERE q.nc = nc_ AND q.kind = 'plan' AND q.hash = before_;
  PERFORM capa.put('request', rows_);
  RETURN taken.numbers;
END $$;
