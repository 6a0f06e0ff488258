-- Whether a people file names a person, a team or a role; one that does not is as good as none.
CREATE OR REPLACE FUNCTION capa.names_anybody(body jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(nullif(body -> 'people', '{}'), nullif(body -> 'teams', '{}'), nullif(body -> 'roles', '{}')) IS NOT NULL
$$;
