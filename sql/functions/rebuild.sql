-- Makes the register anew from the journal: truncate and apply (SEMANTICS section 3). For the owner, with no daemon running; the
-- journal, the events and the evidence's bytes stay as they are. Returns how many journal rows were applied.
CREATE OR REPLACE FUNCTION capa.rebuild() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  name_ text;
  change record;
BEGIN
  LOCK TABLE capa.turn IN EXCLUSIVE MODE;
  FOR name_ IN SELECT name FROM capa.register_table ORDER BY name LOOP
    EXECUTE format('TRUNCATE capa.%I', name_);
  END LOOP;
  FOR change IN SELECT * FROM capa.journal_changes() LOOP
    PERFORM capa.apply(change.tbl, change.rows);
  END LOOP;
  TRUNCATE capa.rule;
  PERFORM capa.rules_index(sha256, body) FROM capa.loaded WHERE kind = 'rules';
  PERFORM capa.settings_apply();
  RETURN (SELECT count(*) FROM capa.journal);
END $$;
