-- Two writers at once (SEMANTICS section 2): what one of them does while the other has not committed yet. Sessions a and b are
-- connections of their own; a keeps its transaction open, b is asked without waiting for its answer.
\ir lib/send.psql
CREATE EXTENSION dblink;
SELECT plan(17);
SELECT test.rules() ->> 'version';
SELECT dblink_connect(name, format('host=%s dbname=%s user=%s', current_setting('unix_socket_directories'), current_database(), current_user))
  FROM (VALUES ('a'), ('b')) s(name);
CREATE FUNCTION says(session text, events jsonb) RETURNS text LANGUAGE sql AS $$
  SELECT r FROM dblink(session, format('SELECT test.send(%L) #>> ''{0}''', events), false) AS t(r text)
$$;
-- What b answers to what it was asked, or its error.
CREATE FUNCTION answer() RETURNS text LANGUAGE plpgsql AS $$
DECLARE r text;
BEGIN
  SELECT t.r INTO r FROM dblink_get_result('b', false) AS t(r text);
  PERFORM FROM dblink_get_result('b', false) AS t(r text);
  RETURN coalesce(r, dblink_error_message('b'));
END $$;
-- Whether b waits for a lock. It is given a second to get there.
CREATE FUNCTION b_waits() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1 .. 100 LOOP
    IF EXISTS (SELECT FROM test.waiting) THEN RETURN true; END IF;
    EXIT WHEN dblink_is_busy('b') = 0;
    PERFORM pg_sleep(0.01);
  END LOOP;
  RETURN false;
END $$;

-- the first fail of one fingerprint, seen by both
SELECT dblink_exec('a', 'BEGIN');
SELECT is(says('a', '[{"id":"1","fp":"x"}]')::jsonb #>> '{results,0,effect}', 'raised', 'a raises');
SELECT is(dblink_send_query('b', $$SELECT test.send('[{"id":"2","fp":"x"}]') #>> '{0}'$$), 1, 'b fails the same way meanwhile');
SELECT is(b_waits(), true, 'and waits');
SELECT dblink_exec('a', 'COMMIT');
SELECT is(answer()::jsonb #>> '{results,0}', '{"nc": "NC-1", "effect": "occurrence"}', 'for b it is an occurrence: one NC');
SELECT is((SELECT count(*) FROM capa.nc)::int, 1, 'there is one');

-- the same event by two ways, of an NC that it does not change
SELECT dblink_exec('a', 'BEGIN');
SELECT is(says('a', '[{"id":"3","fp":"x"}]')::jsonb ->> 'status', 'stored', 'a stores an event');
SELECT dblink_send_query('b', $$SELECT test.send('[{"id":"3","fp":"x"}]') #>> '{0}'$$) = 1;
SELECT is(b_waits(), true, 'b has the same one, and waits');
SELECT dblink_exec('a', 'COMMIT');
SELECT is(answer()::jsonb ->> 'status', 'duplicate', 'for b it is a duplicate');

-- the same event by two ways, that raises: b looked before a committed
SELECT dblink_exec('a', 'BEGIN');
SELECT is(says('a', '[{"id":"4","fp":"y"}]')::jsonb ->> 'status', 'stored', 'a raises from an event');
SELECT dblink_send_query('b', $$SELECT test.send('[{"id":"4","fp":"y"}]') #>> '{0}'$$) = 1;
SELECT is(b_waits(), true, 'b has the same one, and waits');
SELECT dblink_exec('a', 'COMMIT');
SELECT matches(answer(), 'send it again', 'b is told to send it again');
SELECT is(test.one('4', '{"fp":"y"}') ->> 'status', 'duplicate', 'which is a duplicate then');

-- the NC moves while a quiet batch waits for its turn
SELECT dblink_exec('a', 'BEGIN');
SELECT says('a', '[{"id":"5","fp":"z"}]') IS NOT NULL;
SELECT r FROM dblink('a', $$SELECT capa.put('nc', to_jsonb(n) || '{"state":"verifying"}') IS NULL, capa.tell('nc.changed', 'test', 'NC-1', 1, '{}') IS NULL, capa.append('test') IS NULL FROM capa.nc n WHERE id = 1$$) AS t(r bool, s bool, u bool);
SELECT dblink_send_query('b', $$SELECT test.send('[{"id":"6","fp":"x"}]') #>> '{0}'$$) = 1;
SELECT is(b_waits(), true, 'b takes NC-1 for open, and waits');
SELECT dblink_exec('a', 'COMMIT');
SELECT matches(answer(), 'send it again', 'it was in verifying by then: b is told to send it again');
SELECT is(test.one('6', '{"fp":"x"}') #>> '{results,0,effect}', 'recurred', 'and it recurs');

-- roll-up and seal beside a writer
SELECT dblink_exec('a', 'BEGIN');
SELECT says('a', '[{"id":"7","fp":"x"}]') IS NOT NULL;
SELECT lives_ok('SELECT capa.rollup()', 'a roll-up does not wait for a writer');
SELECT dblink_exec('a', 'COMMIT');
SELECT is((SELECT fails FROM capa.nc_count(1)), (SELECT count(*) FROM capa.event WHERE nc = 1 AND effect = 'f'), 'and misses nothing of it');
SELECT * FROM finish();
