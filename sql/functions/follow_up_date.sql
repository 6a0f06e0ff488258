-- When a period of a follow-up that begins at a moment is due by the calendar: the first of the dates start + n periods after it,
-- each counted from the follow-up's own start, so that nothing drifts (the 31st stays the 31st where a month has one). A
-- period that uncovered time moved into the next one leaves no stump: less than half a period is left out.
CREATE OR REPLACE FUNCTION capa.follow_up_date(f capa.follow_up, no_ int, from_ timestamptz, calendar jsonb) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE
  due_ timestamptz := capa.add_span(f.added_at, capa.span_times(f.every, no_ - 1), calendar);
  before_ timestamptz;
BEGIN
  LOOP
    before_ := due_;
    due_ := capa.add_span(f.added_at, capa.span_times(f.every, no_), calendar);
    EXIT WHEN due_ > from_ AND due_ - from_ >= (due_ - before_) / 2;
    no_ := no_ + 1;
  END LOOP;
  RETURN due_;
END $$;
