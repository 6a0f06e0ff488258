-- A replay escalates nothing: its deadlines have no steps; windows, acceptances and follow-ups still end (capa.next_step_at).
CREATE OR REPLACE FUNCTION capa.shadow_plan_steps(started_at timestamptz, due timestamptz, set_at timestamptz, exact_ boolean, ladder jsonb,
                                                  calendar jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$ SELECT '[]'::jsonb $$;
