-- The people whom a name stands for, as keys (SEMANTICS section 6: teams and roles are expanded to people first): of a person its own
-- key, of a team or role its own and those of its people, of any other name its own. index: capa.people_names().
CREATE OR REPLACE FUNCTION capa.people_keys(index jsonb, name_ text) RETURNS text[] LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  key_ text := capa.name_key(name_);
BEGIN
  RETURN CASE
    WHEN key_ IS NULL THEN '{}'
    WHEN index -> 'person' ? key_ THEN ARRAY[capa.name_key(index -> 'person' ->> key_)]
    WHEN index -> 'group' ? key_ THEN key_ || ARRAY(SELECT jsonb_array_elements_text(index -> 'group' -> key_ -> 'people'))
    ELSE ARRAY[key_] END;
END $$;
