-- Whom a message for this name reaches at a moment (PRODUCT, "People"), in a role of the ladder: a team's lead, or its members where it
-- has none; a role's holders; the deputy too of who is absent (as role deputy); the manager of who has left. for_ is whom a
-- deputy or manager stands in for. Where nobody is known name is null. `seen` are those already asked: deputies of deputies end.
CREATE OR REPLACE FUNCTION capa.reach(role_ text, name_ text, at timestamptz, for_ text DEFAULT NULL, seen text[] DEFAULT '{}')
RETURNS TABLE (role text, name text, "for" text) LANGUAGE plpgsql STABLE AS $$
DECLARE
  people_ jsonb := capa.people();
  index jsonb := capa.people_names();
  group_ jsonb := index -> 'group' -> capa.name_key(name_);
  person text := index -> 'person' ->> capa.name_key(name_);
  lead_ text := people_ -> 'teams' -> (group_ ->> 'name') ->> 'lead';
  deputy text := people_ -> 'people' -> person ->> 'deputy';
BEGIN
  IF person IS NULL AND group_ -> 'people' <> '[]' AND NOT group_ ->> 'name' = ANY (seen) THEN
    RETURN QUERY SELECT r.* FROM unnest(CASE WHEN lead_ IS NOT NULL THEN ARRAY[lead_] ELSE capa.people_of(name_) END) AS m
      CROSS JOIN LATERAL capa.reach(role_, m, at, for_, seen || (group_ ->> 'name')) r;
  ELSIF person IS NOT NULL AND capa.person_left(person, at) THEN
    name_ := capa.manager_of(person, at);
    IF name_ IS NULL OR name_ = ANY (seen) THEN
      RETURN QUERY VALUES (role_, NULL::text, person);
    ELSE
      RETURN QUERY SELECT r.* FROM capa.reach(role_, name_, at, person, seen || person) r;
    END IF;
  ELSE
    RETURN QUERY VALUES (role_, coalesce(person, name_), for_);
    IF deputy IS NOT NULL AND NOT deputy = ANY (seen) AND capa.is_absent(person, at) THEN
      RETURN QUERY SELECT r.* FROM capa.reach('deputy', deputy, at, person, seen || person) r;
    END IF;
  END IF;
END $$;
