-- The label of a date that somebody outside set: one spelling ("Corrective action plan" is corrective_action_plan). Words that
-- name deadlines of capad's own, or of the law, are refused.
CREATE OR REPLACE FUNCTION capa.param_obligation(text_ text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  label_ text := lower(regexp_replace(btrim(text_), '\s+', '_', 'g'));
BEGIN
  IF label_ !~ '^[[:alnum:]][[:alnum:]_.-]{0,63}$' THEN
    PERFORM capa.fail('invalid', format('"%s" labels no date: letters, digits and . _ - are taken.', left(text_, 80)), NULL,
      'Such as --due corrective_action_plan=2026-03-31, or a phase: triage, contain, plan, act.');
  ELSIF label_ IN ('window', 'verify', 'action', 'confirmation', 'acceptance', 'follow_up', 'external', 'clock') THEN
    PERFORM capa.fail('invalid', format('"%s" is a deadline of capad''s own, which nobody outside sets.', label_), NULL,
      'Give a phase (triage, contain, plan, act), or a word for what is asked for.');
  END IF;
  RETURN label_;
END $$;
