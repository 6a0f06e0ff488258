-- A due date has passed without what was expected: an outage begins, unless one lasts already. Said again (the tick repeats
-- itself until the event is stored), nothing changes.
CREATE OR REPLACE FUNCTION capa.missed_begin(e capa.expectation, base timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM capa.missed_end(e.fingerprint);
  INSERT INTO capa.missed (rule, fingerprint, subject, from_at, due)
  SELECT e.rule, e.fingerprint, e.subject, base, e.due
  WHERE NOT EXISTS (SELECT FROM capa.missed m WHERE m.rule = e.rule AND m.fingerprint = e.fingerprint AND m.met_at IS NULL)
  ON CONFLICT DO NOTHING;
END $$;
