-- One person of the people file as `people` shows it: what the file says, and what is so now. Counts of what is open are joined by the caller.
CREATE OR REPLACE FUNCTION capa.person_object(person text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
  now_ timestamptz := capa.now();
  p jsonb := capa.people() -> 'people' -> person;
  index jsonb := capa.people_names();
BEGIN
  RETURN jsonb_strip_nulls(jsonb_build_object('name', person, 'full_name', p -> 'name', 'also', p -> 'also', 'manager', p -> 'manager',
      'deputy', p -> 'deputy', 'absent', p -> 'absent', 'absent_until', capa.absent_until(person, now_), 'left', p -> 'left'))
    || jsonb_build_object('has_left', capa.person_left(person, now_), 'roles', to_jsonb(capa.roles_of(person)),
      'teams', coalesce((SELECT jsonb_agg(g.value -> 'name' ORDER BY g.value ->> 'name') FROM jsonb_each(index -> 'group') g
                         WHERE g.value ->> 'kind' = 'team' AND g.value -> 'people' ? capa.name_key(person)), '[]'));
END $$;
