-- A moment: RFC 3339, a date (the end of that day's working hours in the calendar), or a duration from now: ahead,
-- or back where `ago`. Null where absent.
CREATE OR REPLACE FUNCTION capa.param_moment(params jsonb, name_ text, calendar jsonb, ago boolean DEFAULT false)
RETURNS timestamptz LANGUAGE plpgsql VOLATILE AS $$
DECLARE
  span jsonb := params -> 'spans' -> name_;
  text_ text := capa.param_text(params, name_, 64);
BEGIN
  IF text_ IS NULL AND span IS NULL THEN
    RETURN NULL;
  ELSIF span IS NOT NULL AND ago THEN
    RETURN capa.now() - capa.span_interval(span);
  ELSIF span IS NOT NULL THEN
    RETURN capa.add_span(capa.now(), span, calendar);
  ELSIF text_ ~ '^\d{4}-\d\d-\d\d$' THEN
    RETURN capa.closing_time(text_::date, calendar);
  ELSIF text_ ~ '^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)$' THEN
    RETURN text_::timestamptz;
  END IF;
  PERFORM capa.fail('invalid', format('"%s" is no moment: "%s".', name_, text_), NULL,
    'Give a date (2026-03-31), a time with its zone (2026-03-31T17:00:00Z), or a duration (10d).');
EXCEPTION WHEN datetime_field_overflow OR invalid_datetime_format OR interval_field_overflow
          OR invalid_time_zone_displacement_value THEN
  PERFORM capa.fail('invalid', format('"%s" names no day of the calendar: "%s".', name_, text_));
END $$;
