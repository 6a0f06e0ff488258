-- One policy of a loaded policy file in the form the register works with:
-- {"durations":{grade:{phase:span}},"ladder":{grade:[steps]},"calendar":{...},"calendars":{...},
--  "approval":{grade:bool},"sod"}. Null if that version was never loaded; version 0, of what
-- was raised before there was any policy, is the first one loaded since.
-- Durations, ladders and approval are those of the version; calendars are live (SEMANTICS section 4): the newest
-- loaded file's, where it still has one of that name. A policy names its calendar with "calendar"; else it is
-- the one called default, else office, else the first. Plans of critical and major are always approved.
CREATE OR REPLACE FUNCTION capa.policy_named(version_ int, name_ text) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    WITH pinned AS (
      SELECT body, coalesce(body -> 'policies' -> name_, body -> 'policies' -> 'default') AS policy
      FROM capa.loaded WHERE kind = 'policy'
        AND version = coalesce(nullif(version_, 0), (SELECT min(version) FROM capa.loaded WHERE kind = 'policy'))
    ), live AS (
      SELECT body -> 'calendars' AS calendars FROM capa.loaded WHERE kind = 'policy' ORDER BY version DESC LIMIT 1
    ), merged AS (
      SELECT p.policy, p.body,
             coalesce(p.body -> 'calendars', '{}') || coalesce(l.calendars, '{}') AS calendars
      FROM pinned p CROSS JOIN live l
    ), graded AS (
      SELECT g.grade, coalesce(m.policy -> g.grade, '{}') AS duration,
             CASE jsonb_typeof(m.policy -> 'ladder')
               WHEN 'string' THEN m.policy ->> 'ladder'
               WHEN 'object' THEN coalesce(m.policy -> 'ladder' ->> g.grade, m.policy -> 'ladder' ->> '*')
             END AS ladder
      FROM merged m, unnest(capa.grades()) AS g(grade)
    )
    SELECT jsonb_build_object(
      'durations', (SELECT jsonb_object_agg(grade, duration) FROM graded),
      'ladder', (SELECT jsonb_object_agg(grade, coalesce(m.body -> 'ladders' -> coalesce(ladder, 'default'), '[]'))
                 FROM graded),
      'calendars', m.calendars,
      'calendar', coalesce(m.calendars -> (m.policy ->> 'calendar'), m.calendars -> 'default', m.calendars -> 'office',
                           (SELECT value FROM jsonb_each(m.calendars) ORDER BY key LIMIT 1)),
      'approval', (SELECT jsonb_object_agg(grade, grade IN ('critical', 'major')
                                           OR coalesce((duration -> 'approval')::boolean, false)) FROM graded),
      'sod', coalesce(m.body ->> 'sod', 'strict'))
    FROM merged m);
END $$;
