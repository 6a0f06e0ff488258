-- One person of the people file as `people` shows it: what the file says, and what is so now. people_, index: the file's
-- (capa.people, capa.people_names), which the caller has in hand for many. Counts of what is open are joined by the caller.
CREATE OR REPLACE FUNCTION capa.person_object(person text, people_ jsonb, index jsonb) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
  now_ timestamptz := capa.now();
  zone text := capa.people_zone();
  p jsonb := people_ -> 'people' -> person;
BEGIN
  RETURN jsonb_strip_nulls(jsonb_build_object('name', person, 'full_name', p -> 'name', 'also', p -> 'also', 'manager', p -> 'manager',
      'deputy', p -> 'deputy', 'absent', p -> 'absent', 'absent_until', capa.entry_absent_until(p, (now_ AT TIME ZONE zone)::date), 'left', p -> 'left'))
    || jsonb_build_object('has_left', coalesce(capa.entry_left_at(p, zone) <= now_, false), 'roles', to_jsonb(capa.entry_roles(person, p, index)),
      'teams', coalesce((SELECT jsonb_agg(g.value -> 'name' ORDER BY g.value ->> 'name') FROM jsonb_each(index -> 'group') g
                         WHERE g.value ->> 'kind' = 'team' AND g.value -> 'people' ? capa.name_key(person)), '[]'));
END $$;
