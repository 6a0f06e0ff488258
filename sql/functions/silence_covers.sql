-- Whether a silence is about a failure of this rule, asset, source, grade and labels (of the NC that speaks for it). What it
-- does not name it does not ask.
CREATE OR REPLACE FUNCTION capa.silence_covers(s capa.silence, rule_ text, asset_ text, source_ text, grade_ text, labels_ jsonb)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce((s.rule IS NULL OR s.rule = rule_)
    AND (s.asset IS NULL OR asset_ LIKE capa.glob_pattern(s.asset))
    AND (s.source IS NULL OR source_ LIKE capa.glob_pattern(s.source))
    AND (s.grade IS NULL OR capa.grade_rank(grade_) <= capa.grade_rank(s.grade))
    AND (s.label IS NULL OR labels_ ->> split_part(s.label, '=', 1) = substr(s.label, length(split_part(s.label, '=', 1)) + 2)), false)
$$;
