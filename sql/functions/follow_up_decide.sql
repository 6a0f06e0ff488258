-- One period of a follow-up is decided: ok, failed or missed; by a person, by an event, or by time. Tells follow_up.done or
-- follow_up.missed; then begins the next period (capa.follow_up_next). One failed, or a second missed in a row, reopens the NC
-- (capa.follow_up_reopen) unless reopen_ is false. kind_: the method or event that did it. The caller holds the NC's row.
CREATE OR REPLACE FUNCTION capa.follow_up_decide(f capa.follow_up, p capa.follow_up_period, outcome_ text, who text, text_ text,
                                                 kind_ text, reopen_ boolean) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  late boolean := outcome_ <> 'missed' AND capa.now() > p.due;
  twice boolean := outcome_ = 'missed' AND EXISTS (SELECT FROM capa.follow_up_period b
                                                   WHERE b.follow_up = f.id AND b.no = p.no - 1 AND b.outcome = 'missed');
  sentence_ text;
BEGIN
  p.outcome := outcome_;
  p.decided_at := capa.now();
  p.decided_by := who;
  p.text := text_;
  PERFORM capa.put('follow_up_period', to_jsonb(p));
  sentence_ := format('%s: period %s%s %s%s%s', f.title, p.no, coalesce(' of ' || f.periods, ''), outcome_,
    CASE WHEN late AND outcome_ = 'ok' THEN ', recorded late' ELSE '' END, coalesce(': ' || text_, '')) || capa.follow_up_next(f, p);
  PERFORM capa.changed(f.nc, CASE outcome_ WHEN 'missed' THEN 'follow_up.missed' ELSE 'follow_up.done' END, kind_, 'FU-' || f.id, sentence_,
    jsonb_build_object('outcome', outcome_, 'period', p.no, 'follow_up', capa.follow_up_object(f.id)));
  IF reopen_ AND (outcome_ = 'failed' OR twice) THEN
    PERFORM capa.follow_up_reopen(f, CASE WHEN twice THEN format('FU-%s was missed twice in a row: %s', f.id, f.title)
                                          ELSE format('FU-%s failed: %s', f.id, concat_ws(': ', f.title, text_)) END, kind_);
  END IF;
END $$;
