-- Ends a hold on a rule: its fails raise again from now on. What was held back raises nothing afterwards.
CREATE OR REPLACE FUNCTION capa.hold_end(h capa.rule_hold, who text, why text, kind_ text) RETURNS capa.rule_hold LANGUAGE plpgsql AS $$
BEGIN
  h.ended_at := capa.now();
  h.ended_by := who;
  h.ended_why := why;
  PERFORM capa.put('rule_hold', to_jsonb(h));
  PERFORM capa.tell('rule.released', kind_, NULL, NULL, jsonb_build_object('what', kind_, 'rule', h.rule, 'hold', capa.hold_object(h),
    'sentence', format('rule %s is held no more: %s', h.rule, why)));
  RETURN h;
END $$;
