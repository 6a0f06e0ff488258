-- When a period of a follow-up that begins at a moment is due by the calendar: the first of the dates start + n periods after
-- it, each counted from the follow-up's own start, so that nothing drifts (the 31st stays the 31st where a month has one).
CREATE OR REPLACE FUNCTION capa.follow_up_date(f capa.follow_up, no_ int, from_ timestamptz, calendar jsonb) RETURNS timestamptz
LANGUAGE plpgsql STABLE AS $$
DECLARE
  due_ timestamptz;
BEGIN
  LOOP
    due_ := capa.add_span(f.added_at, (SELECT jsonb_object_agg(key, value::numeric * no_) FROM jsonb_each_text(f.every)), calendar);
    EXIT WHEN due_ > from_;
    no_ := no_ + 1;
  END LOOP;
  RETURN due_;
END $$;
