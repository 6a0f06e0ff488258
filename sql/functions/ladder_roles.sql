-- The roles of all steps of a deadline that one message speaks for: those pending at a moment up to a step.
CREATE OR REPLACE FUNCTION capa.ladder_roles(d capa.deadline, policy jsonb, at timestamptz, up_to int) RETURNS text[]
LANGUAGE sql STABLE AS $$
  SELECT array_agg(r.role ORDER BY r.place)
  FROM (SELECT role, min(p.no * 100 + place) AS place
        FROM capa.steps_pending(d, policy, at) p
        CROSS JOIN LATERAL jsonb_array_elements_text(p.step -> 'to') WITH ORDINALITY AS t(role, place)
        WHERE p.no <= up_to AND p.planned_at <= at AND NOT p.muted GROUP BY role) r
$$;
