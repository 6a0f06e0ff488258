-- Whether tomorrow's partition of what is kept aside is there: if not, days have passed that nobody ticked.
CREATE OR REPLACE FUNCTION capa.partition_ahead() RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT to_regclass(to_char(capa.now() + interval '1 day', '"capa.quarantine_"YYYYMMDD')) IS NOT NULL
$$;
