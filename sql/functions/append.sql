-- The last step of every writing transaction: take the turn, then write what was told to the journal,
-- chained and in commit order (SEMANTICS section 3), and wake the publishers. Returns the last seq
-- written, or null if there was nothing to say. What concerns a restricted NC gets its summary beside the body (capa.withheld); of an
-- actor met for the first time then the number alone. Nothing may lock another row after this.
CREATE OR REPLACE FUNCTION capa.append(who text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  last capa.journal;
  entry record;
  actor_ int;
  epoch_ int;
  at_ timestamptz;
  previous_ bigint;
  body_ text;
  salt_ bytea;
  digest_ bytea;
  open_ text;
  restricted_ int[] := ARRAY(SELECT n.id FROM capa.nc n WHERE n.restricted);
  private boolean := false;
  summary_ text;
BEGIN
  IF to_regclass('pg_temp.capa_entry') IS NULL THEN
    RETURN NULL;
  END IF;
  IF capa.untold() IS NOT NULL THEN
    RAISE EXCEPTION 'a change of the register was put but not told';
  END IF;
  PERFORM 1 FROM pg_temp.capa_entry;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  LOCK TABLE capa.turn IN EXCLUSIVE MODE;
  actor_ := capa.actor_number(who);
  SELECT max(no) INTO epoch_ FROM capa.epoch;
  SELECT * INTO last FROM capa.journal ORDER BY seq DESC LIMIT 1;
  IF NOT FOUND THEN
    last.seq := 0;
    last.hash := decode(repeat('00', 32), 'hex');
  END IF;
  IF restricted_ <> '{}' THEN
    private := EXISTS (SELECT FROM pg_temp.capa_entry e WHERE capa.concerns(e.nc, e.data, restricted_));
  END IF;
  FOR entry IN SELECT * FROM pg_temp.capa_entry ORDER BY n LOOP
    last.seq := last.seq + 1;
    at_ := greatest(capa.now(), last.at + interval '1 microsecond');
    last.at := at_;
    SELECT max(j.seq) INTO previous_ FROM capa.journal j
      WHERE split_part(j.topic, '.', 1) = split_part(entry.topic, '.', 1);
    body_ := capa.message(epoch_, last.seq, previous_, at_, who, entry.topic, entry.ref, entry.data);
    salt_ := sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
    digest_ := sha256(salt_ || convert_to(body_, 'UTF8'));
    open_ := format('{"seq":%s,"at":"%s","actor":%s,"kind":%s,"ref":%s,"digest":"%s"}', last.seq,
                    capa.rfc3339(at_), actor_, to_json(entry.kind), to_json(coalesce(entry.ref, '')),
                    encode(digest_, 'hex'));
    last.hash := sha256(convert_to(
      encode(last.hash, 'hex') || ' ' || encode(sha256(convert_to(open_, 'UTF8')), 'hex') || E'\n', 'UTF8'));
    INSERT INTO capa.journal VALUES (last.seq, at_, entry.topic, previous_, open_, digest_, last.hash);
    summary_ := NULL;
    IF private AND (entry.topic = 'sys.actor' OR capa.concerns(entry.nc, entry.data, restricted_)) THEN
      summary_ := capa.message(epoch_, last.seq, previous_, at_, 'restricted', entry.topic, entry.ref, capa.withheld(entry.topic, entry.data));
    END IF;
    INSERT INTO capa.journal_body VALUES (last.seq, entry.ref, entry.nc, salt_, body_, summary_);
  END LOOP;
  PERFORM capa.stage_clear('capa_entry'), capa.stage_clear('capa_change');
  PERFORM pg_notify('capa_journal', last.seq::text);
  RETURN last.seq;
END $$;
