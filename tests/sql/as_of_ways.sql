-- The two ways to the register as of a moment, from its journal's beginning and from the register of now, give the same: at every ninth row
-- of a journal in which things are made, changed, merged, undone, redacted, escalated and loaded anew.
\ir method.sql
SELECT plan(9);
-- Which tables one way has otherwise than the other; null: none.
CREATE FUNCTION differ(seq_ bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  name_ text;
  sum_ text;
  sums jsonb[] := '{}';
  one jsonb;
  back_ boolean;
BEGIN
  FOREACH back_ IN ARRAY ARRAY[true, false] LOOP
    one := '{}';
    BEGIN
      PERFORM capa.scratch_register(seq_, back_);
      FOR name_ IN SELECT name FROM capa.register_table LOOP
        EXECUTE format('SELECT count(*) || coalesce(md5(string_agg(t::text, chr(10) ORDER BY t::text)), '''') FROM pg_temp.%I t', name_) INTO sum_;
        one := one || jsonb_build_object(name_, sum_);
      END LOOP;
      RAISE EXCEPTION USING ERRCODE = 'CA099';
    EXCEPTION WHEN SQLSTATE 'CA099' THEN
      NULL;
    END;
    sums := sums || one;
  END LOOP;
  RETURN (SELECT string_agg(key, ' ') FROM jsonb_each(sums[1]) WHERE value IS DISTINCT FROM sums[2] -> key);
END $$;
CREATE FUNCTION file(name text) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_build_object('evidence', jsonb_build_array(jsonb_build_object('name', name, 'frame', 0))) $$;

SELECT clock_to('2040-01-02 09:00Z');
SELECT do_('raise', 'rita', jsonb_build_object('title', n, 'grade', 'minor', 'owner', 'anna', 'controls', '["A.8.13"]'::jsonb, 'statement', 's')) FROM unnest('{one,two,three,four}'::text[]) n;
SELECT do_('contain', 'anna', '{"nc":1,"text":"undid it","consequences":"none"}' || file('a'), ARRAY['a'::bytea]);
SELECT do_('cause', 'anna', '{"nc":1,"text":"late","category":"process"}');
SELECT do_('similar', 'anna', '{"nc":1,"elsewhere":"no","conclude":"apart"}');
SELECT do_('need', 'anna', '{"nc":1,"need":"yes","reason":"r","isms":"none","risk":"none"}');
SELECT do_('action.add', 'anna', '{"nc":1,"title":"act","owner":"bob","due":"20d","expect":"e"}');
SELECT do_('follow_up.add', 'anna', '{"ref":1,"kind":"manual","every":"30d","for":"x3","owner":"olga"}');
SELECT do_('merge', 'anna', '{"nc":2,"into":"NC-1","reason":"the same"}');
SELECT clock_to('2040-01-03 09:00Z');
SELECT do_('extend', 'bob', '{"ref":"CA-2","to":"40d","reason":"more work"}');
SELECT do_('approve', 'ina', '{"ref":"CA-2"}');
SELECT do_('retract', 'anna', '{"ref":"NC-1","fact":"correction","reason":"wrong"}');
SELECT load_policy('{"sod":"waivable"}');
SELECT do_('reject', 'anna', '{"nc":3,"reason":"a test"}');
SELECT do_('reopen', 'anna', '{"nc":3,"reason":"no test"}');
SELECT do_('silence.add', 'ina', '{"asset":"db77","for":"2h","reason":"r"}');
SELECT do_('clock', 'anna', '{"nc":4,"law":"gdpr"}');
SELECT clock_to('2040-03-20 09:00Z');
SELECT api.tick();
SELECT do_('ack', 'anna', '{"mine":true}');
SELECT do_('deadline.met', 'anna', '{"nc":4,"label":"gdpr_notification"}');
SELECT do_('redact', 'anna', '{"ref":"NC-4","reason":"personal"}');
SELECT say('approve', 'ina', '{"ref":"NC-4","what":"redaction"}', NULL, '{isms_manager}') ->> 'ref';
SELECT do_('handover', 'ina', '{"from":"anna","to":"zoe"}');
SELECT do_('raise', 'rita', '{"title":"the last","grade":"major","owner":"zoe"}');
SELECT cmp_ok((SELECT max(seq) FROM capa.journal), '>', 60::bigint, 'a journal');
SELECT cmp_ok((SELECT count(*) FROM capa.escalation), '>', 3::bigint, 'with escalations');
SELECT is((SELECT string_agg(seq || ': ' || differ(seq), ', ' ORDER BY seq) FROM capa.journal WHERE seq % 9 = 0), NULL, 'both ways give the same at every ninth row');
SELECT is(differ(0), NULL, 'and before the first');
SELECT is(differ((SELECT max(seq) FROM capa.journal)), NULL, 'and at the last');
-- which is taken, and what it gives
CREATE FUNCTION shape(seq_ bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  found_ text;
BEGIN
  BEGIN
    PERFORM capa.scratch_register(seq_);
    found_ := (to_regclass('pg_temp.as_of_wanted') IS NOT NULL) || ' ' || (SELECT count(*) FROM pg_temp.nc);
    RAISE EXCEPTION USING ERRCODE = 'CA099';
  EXCEPTION WHEN SQLSTATE 'CA099' THEN
    NULL;
  END;
  RETURN found_;
END $$;
SELECT is(shape((SELECT max(seq) - 3 FROM capa.journal)), 'true 4', 'a while ago: back from now');
SELECT is(shape(4), 'false ' || (SELECT count(*) FROM capa.journal_body WHERE seq <= 4 AND ref ~ '^NC' AND body ~ 'nc.raised'), 'long ago: from the beginning');
-- they would be found out
UPDATE capa.nc SET title = 'never told' WHERE id = 1;
SELECT is(differ((SELECT max(seq) FROM capa.journal)), 'nc', 'a register that is not what its journal says differs');
UPDATE capa.nc SET title = 'one' WHERE id = 1;
SELECT is(differ((SELECT max(seq) FROM capa.journal)), NULL, 'and no more');
SELECT * FROM finish();
