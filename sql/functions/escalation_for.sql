-- Is an escalation for this person: among its recipients by name, or owner of what it is about?
CREATE OR REPLACE FUNCTION capa.escalation_for(who text, e capa.escalation) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM jsonb_array_elements(e.recipients) r WHERE capa.same_person(who, r ->> 'name'))
         OR capa.same_person(who, coalesce((SELECT f.owner FROM capa.follow_up f WHERE f.id = e.follow_up), (SELECT a.owner FROM capa.action a WHERE a.id = e.action),
                                           (SELECT n.owner FROM capa.nc n WHERE n.id = e.nc)))
$$;
