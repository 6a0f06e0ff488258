-- Would an event of this fingerprint decide the running period of a follow-up (a pass of one that waits for evidence, a fail of
-- one that no recurrence is to be proved by)? Asked for each case of each batch: two index look-ups where there are
-- none. A period that is decided already, or has not begun, hears nothing: further events in it change nothing.
CREATE OR REPLACE FUNCTION capa.follow_up_hears(fingerprint_ bytea, failed boolean, received timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM capa.nc x JOIN capa.follow_up f ON f.nc = x.id JOIN capa.follow_up_period p ON p.follow_up = f.id
    WHERE x.fingerprint = fingerprint_ AND f.state = 'running' AND p.outcome IS NULL AND p.from_at <= received
      AND f.kind = CASE WHEN failed THEN 'no_recurrence' ELSE 'evidence' END)
$$;
