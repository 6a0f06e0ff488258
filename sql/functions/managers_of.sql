-- The managers that an owner has of its own: a person's; of a team its lead's, or its members' where it has none.
CREATE OR REPLACE FUNCTION capa.managers_of(owner text) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
DECLARE
  body_ jsonb := capa.people();
  lead_ text := body_ -> 'teams' -> capa.name_of(owner) ->> 'lead';
BEGIN
  RETURN ARRAY(SELECT DISTINCT p.value ->> 'manager'
               FROM unnest(CASE WHEN lead_ IS NOT NULL THEN ARRAY[lead_] ELSE capa.people_of(owner) END) AS who
               JOIN jsonb_each(body_ -> 'people') p ON p.key = capa.person_of(who) AND p.value ? 'manager' ORDER BY 1);
END $$;
