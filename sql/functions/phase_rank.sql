-- The place of a state, or of the state that a phase deadline is met by, on the main line; null for side ends.
-- triage is met by reaching triaged, contain by contained, plan by planned, act by verifying (SEMANTICS section 7).
-- The places of capa.state, from 0, without a look at the table: every tick and every list asks; a test compares.
CREATE OR REPLACE FUNCTION capa.phase_rank(name text) RETURNS int LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE name WHEN 'raised' THEN 0 WHEN 'triaged' THEN 1 WHEN 'triage' THEN 1
    WHEN 'contained' THEN 2 WHEN 'contain' THEN 2 WHEN 'analysed' THEN 3 WHEN 'planned' THEN 4 WHEN 'plan' THEN 4
    WHEN 'implementing' THEN 5 WHEN 'verifying' THEN 6 WHEN 'act' THEN 6 WHEN 'closed' THEN 7 END
$$;
