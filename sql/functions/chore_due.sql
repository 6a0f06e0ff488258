-- Whether something that is done now and then is due, and if so, that it is being done: true for one caller once in `every`.
CREATE OR REPLACE FUNCTION capa.chore_due(name_ text, every interval) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM capa.chore WHERE name = name_ AND at > capa.now() - every AND at <= capa.now())
     OR NOT pg_try_advisory_xact_lock(hashtext('capa.chore.' || name_)) THEN
    RETURN false;
  END IF;
  INSERT INTO capa.chore AS c VALUES (name_, capa.now()) ON CONFLICT (name) DO UPDATE SET at = EXCLUDED.at;
  RETURN true;
END $$;
