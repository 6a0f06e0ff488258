-- An escalation's message in one sentence; null for other messages.
CREATE OR REPLACE FUNCTION capa.escalation_sentence(topic_ text, data jsonb) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN topic_ LIKE 'escalation.%' THEN format('%s to %s: %s due %s', data ->> 'level',
    (SELECT string_agg(coalesce(r ->> 'name', r ->> 'role'), ', ') FROM jsonb_array_elements(data -> 'recipients') r),
    data -> 'deadline' ->> 'kind', left(data -> 'deadline' ->> 'due', 16)) END
$$;
