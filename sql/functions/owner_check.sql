-- What to know of a new owner (of an NC, an action, a follow-up): a warning for who is absent, or whom nobody can reach, else null.
-- Who has left is refused. Without a people file any name is taken and nothing is said.
CREATE OR REPLACE FUNCTION capa.owner_check(name_ text) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
  index jsonb := capa.people_names();
  key_ text := capa.name_key(name_);
  person text := index -> 'person' ->> key_;
  now_ timestamptz := capa.now();
  manager text;
BEGIN
  IF index IS NULL OR name_ IS NULL THEN
    RETURN NULL;
  ELSIF person IS NULL THEN
    RETURN CASE
      WHEN NOT index -> 'group' ? key_ THEN format('%s is not in people.json: escalations to that name reach nobody', name_)
      WHEN index -> 'group' -> key_ -> 'people' = '[]' THEN format('%s has neither lead nor members: escalations to it reach nobody', name_) END;
  ELSIF capa.person_left(person, now_) THEN
    manager := capa.manager_of(person, now_);
    PERFORM capa.fail('refused', format('%s has left (last day %s) and can own nothing.', person,
                                        capa.people() -> 'people' -> person ->> 'left'), NULL,
      CASE WHEN manager IS NULL THEN 'Give it to somebody else; capactl people shows who there is.'
           ELSE format('Give it to somebody else, perhaps %s, the manager; capactl people shows who there is.', manager) END);
  ELSIF capa.is_absent(person, now_) THEN
    RETURN format('%s is absent until %s%s', person, capa.absent_until(person, now_),
      CASE WHEN capa.people() -> 'people' -> person ? 'deputy'
           THEN format(': %s is told too', capa.people() -> 'people' -> person ->> 'deputy') ELSE ', and has no deputy' END);
  END IF;
  RETURN NULL;
END $$;
