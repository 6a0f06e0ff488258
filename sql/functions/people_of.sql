-- The people whom a name stands for, as the file spells them: a person's own, a team's lead and members, a role's holders; of any
-- other name itself. A team or role with nobody in it has none.
CREATE OR REPLACE FUNCTION capa.people_of(name_ text) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  index jsonb := capa.people_names();
  group_ jsonb := index -> 'group' -> capa.name_key(name_);
BEGIN
  IF group_ IS NULL THEN
    RETURN ARRAY[coalesce(index -> 'person' ->> capa.name_key(name_), name_)];
  END IF;
  RETURN ARRAY(SELECT coalesce(index -> 'person' ->> k, k) FROM jsonb_array_elements_text(group_ -> 'people') k ORDER BY 1);
END $$;
