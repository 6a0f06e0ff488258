-- The roles of a person of the people file, whose entry and the file's index are in hand; by name it is capa.roles_of, which says which.
CREATE OR REPLACE FUNCTION capa.entry_roles(person text, entry jsonb, index jsonb) RETURNS text[] LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN ARRAY(
    SELECT jsonb_array_elements_text(coalesce(entry -> 'roles', '["reporter","owner"]'))
    UNION
    SELECT g.value ->> 'name' FROM jsonb_each(index -> 'group') g
    WHERE g.value ->> 'kind' = 'role' AND g.value -> 'people' ? capa.name_key(person)
    ORDER BY 1);
END $$;
