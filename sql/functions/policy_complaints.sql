-- What is wrong with a policy in its normalized form, with where: the rows that capa.policy_check refuses it by.
CREATE OR REPLACE FUNCTION capa.policy_complaints(body jsonb) RETURNS TABLE (place text, sentence text)
LANGUAGE sql STABLE AS $$
  WITH policy AS (
    SELECT key AS name, value AS p FROM jsonb_each(body -> 'policies')
  ), calendar AS (
    SELECT key AS name, value AS c FROM jsonb_each(coalesce(body -> 'calendars', '{}'))
  ), ladder AS (
    SELECT key AS name, value AS l FROM jsonb_each(coalesce(body -> 'ladders', '{}'))
  ), step AS (
    SELECT format('/ladders/%s/%s', name, i - 1) AS place, s FROM ladder, jsonb_array_elements(l) WITH ORDINALITY AS x(s, i)
  ), span AS (
    SELECT format('/policies/%s/%s/%s', name, g.key, d.key) AS place, d.value AS v
    FROM policy, jsonb_each(p) g, jsonb_each(CASE jsonb_typeof(g.value) WHEN 'object' THEN g.value ELSE '{}' END) d
    WHERE g.key NOT IN ('ladder', 'calendar') AND d.key <> 'approval'
    UNION ALL SELECT place || '/' || k, s -> k FROM step, unnest(ARRAY['ack', 'repeat']) k WHERE s ? k
  )
  SELECT '/calendars', 'there is no calendar' WHERE NOT EXISTS (SELECT FROM calendar)
  UNION ALL
  SELECT format('/calendars/%s/zone', name), format('the database knows no time zone "%s"', c ->> 'zone') FROM calendar
    WHERE NOT EXISTS (SELECT FROM pg_timezone_names z WHERE z.name = c ->> 'zone')
  UNION ALL
  SELECT format('/calendars/%s/hours/%s', name, h.key), 'working hours are [from, to], from before to'
  FROM calendar, jsonb_each(coalesce(c -> 'hours', '{}')) h
    WHERE coalesce(h.value ->> 0, '') !~ '^\d\d:\d\d$' OR coalesce(h.value ->> 1, '') !~ '^\d\d:\d\d$'
          OR (h.value ->> 0) >= (h.value ->> 1) OR (h.value ->> 1) > '24:00'
  UNION ALL
  SELECT place, 'a duration is longer than nothing' FROM span WHERE capa.span_or_null(v) IS NULL
  UNION ALL
  SELECT place || '/at', 'a step needs a moment' FROM step
    WHERE jsonb_typeof(s -> 'at') IS DISTINCT FROM 'array' OR jsonb_array_length(s -> 'at') = 0
  UNION ALL
  SELECT place || '/hours', format('there is no calendar "%s"', s ->> 'hours') FROM step
    WHERE s ? 'hours' AND NOT EXISTS (SELECT FROM calendar WHERE name = s ->> 'hours')
  UNION ALL
  SELECT format('/policies/%s/calendar', name), format('there is no calendar "%s"', p ->> 'calendar') FROM policy
    WHERE p ? 'calendar' AND NOT EXISTS (SELECT FROM calendar c WHERE c.name = p ->> 'calendar')
  UNION ALL
  SELECT format('/policies/%s/ladder', policy.name), format('there is no ladder "%s"', wanted.name)
  FROM policy, LATERAL (
      SELECT p ->> 'ladder' AS name WHERE jsonb_typeof(p -> 'ladder') = 'string'
      UNION ALL SELECT value FROM jsonb_each_text(CASE jsonb_typeof(p -> 'ladder') WHEN 'object' THEN p -> 'ladder' ELSE '{}' END)) wanted
    WHERE NOT EXISTS (SELECT FROM ladder l WHERE l.name = wanted.name)
$$;
