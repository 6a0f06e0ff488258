-- What a message of a restricted NC says on the bus: what happened, to which reference, its grade, state and dates; no texts, and
-- no names but the recipients of an escalation (SEMANTICS section 3). Its shape is that of the full message.
CREATE OR REPLACE FUNCTION capa.withheld(topic text, data jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN topic LIKE 'escalation.%' THEN
      (data - 'changes') #- '{deadline,label}' || jsonb_build_object('restricted', true, 'summary', capa.masked(data -> 'summary'))
    ELSE jsonb_strip_nulls(jsonb_build_object('what', data -> 'what', 'restricted', true,
        'from', CASE WHEN data ->> 'what' = 'state' THEN data -> 'from' END,
        'to', CASE WHEN data ->> 'what' = 'state' THEN data -> 'to' END,
        'actor', CASE WHEN topic = 'sys.actor' THEN data -> 'actor' END,
        'reason', CASE WHEN topic = 'sys.degraded' THEN data -> 'reason' END))
      || CASE jsonb_typeof(data -> 'nc') WHEN 'object' THEN jsonb_build_object('nc', capa.masked(data -> 'nc'))
                                         WHEN 'string' THEN jsonb_build_object('nc', data -> 'nc') ELSE '{}' END END
$$;
