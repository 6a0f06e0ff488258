-- Replay of what was published (SEMANTICS section 8): the rows after `after` whose topic begins with one of `topics`, as
-- the bytes that went over the bus. Looks at no more than 5,000 rows and 8 MiB a call; `next` is where the
-- following call goes on, also past rows that the filter leaves out; the end is reached when next = head.
CREATE OR REPLACE FUNCTION api.journal_read(principal jsonb, actor text, params jsonb, files bytea[]) RETURNS json
LANGUAGE plpgsql SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  after_ bigint := coalesce(capa.param_number(params, 'after'), 0);
  limit_ int := least(coalesce(capa.param_int(params, 'limit'), 500), 1000);
  topics_ text[] := CASE jsonb_typeof(params -> 'topics')
    WHEN 'array' THEN ARRAY(SELECT jsonb_array_elements_text(params -> 'topics'))
    WHEN 'string' THEN ARRAY[params ->> 'topics'] END;
  head_ bigint := (capa.journal_head() ->> 'seq')::bigint;
  next_ bigint := after_;
  size_ bigint := 0;
  found_ int := 0;
  messages text[] := '{}';
  entry record;
BEGIN
  PERFORM capa.check_call('journal.read', principal, params);
  IF limit_ < 1 THEN
    PERFORM capa.fail('invalid', '"limit" is at least 1.', NULL, 'Start with {"after":0,"limit":500}.');
  END IF;
  FOR entry IN
    SELECT j.seq, j.topic, coalesce(b.summary, b.body, capa.message_redacted(j)) AS body
    FROM capa.journal j LEFT JOIN capa.journal_body b USING (seq)
    WHERE j.seq > after_ ORDER BY j.seq LIMIT 5000
  LOOP
    EXIT WHEN found_ = limit_ OR size_ > 8388608;
    next_ := entry.seq;
    IF entry.body IS NOT NULL AND capa.topic_matches(entry.topic, topics_) THEN
      found_ := found_ + 1;
      size_ := size_ + octet_length(entry.body);
      messages := messages || format('{"topic":%s,"sequence":%s,"event":%s}', to_json(entry.topic), entry.seq, entry.body);
    END IF;
  END LOOP;
  RETURN format('{"epoch":"%s","messages":[%s],"next":%s,"head":%s}', (SELECT max(no) FROM capa.epoch),
                array_to_string(messages, ','), next_, head_)::json;
END $$;
