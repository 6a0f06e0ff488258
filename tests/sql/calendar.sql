-- Calendar arithmetic (SEMANTICS section 7, "The unit decides"): expected moments written by hand from a printed calendar.
\ir policy.sql
SELECT plan(48);
SET timezone = 'Asia/Tokyo'; -- the session's zone must not matter

CREATE FUNCTION berlin() RETURNS jsonb LANGUAGE sql AS $$
  SELECT '{"zone":"Europe/Berlin","hours":{"mon":["09:00","17:00"],"tue":["09:00","17:00"],"wed":["09:00","17:00"],
    "thu":["09:00","17:00"],"fri":["09:00","17:00"]},"holidays":["2026-12-25","2027-01-01","2026-04-03","2026-04-06"]}'::jsonb
$$;
CREATE FUNCTION ends(start text, span_ text, want text, why text, calendar jsonb DEFAULT berlin()) RETURNS text LANGUAGE sql AS $$
  SELECT is(capa.add_span(start::timestamptz, span(span_), calendar), want::timestamptz, why)
$$;

-- exact units
SELECT ends('2026-03-29 00:30+01', '90s', '2026-03-29 00:31:30+01', 'seconds are exact');
SELECT ends('2026-03-29 00:30+01', '2h', '2026-03-29 03:30+02', 'two hours over the start of summer time are two hours');
SELECT ends('2026-10-24 20:00+02', '24h', '2026-10-25 19:00+01', '24h over the end of summer time are 24 hours');
SELECT ends('2026-12-24 16:00+01', '15m', '2026-12-24 16:15+01', 'exact units know no holiday');
SELECT ends('2026-03-29 00:30+01', '0s', '2026-03-29 00:30+01', 'no time is no time');
-- days
SELECT ends('2026-11-02 08:00+01', '7d', '2026-11-09 17:00+01', '7d from Monday is the next Monday, 17:00');
SELECT ends('2026-11-02 23:30+01', '1d', '2026-11-03 17:00+01', '1d from late Monday is Tuesday, 17:00');
SELECT ends('2026-11-06 08:00+01', '1d', '2026-11-09 17:00+01', 'a Saturday gives way to Monday');
SELECT ends('2026-11-06 08:00+01', '2d', '2026-11-09 17:00+01', 'a Sunday gives way to Monday');
SELECT ends('2026-12-24 10:00+01', '1d', '2026-12-28 17:00+01', 'a holiday on Friday gives way to Monday');
SELECT ends('2026-04-02 10:00+02', '1d', '2026-04-07 17:00+02', 'Good Friday to Easter Monday: Tuesday');
SELECT ends('2026-03-28 12:00+01', '1d', '2026-03-30 17:00+02', 'the day of the clock change is a Sunday: Monday in summer time');
SELECT ends('2026-10-20 12:00+02', '7d', '2026-10-27 17:00+01', 'a week over the end of summer time ends at 17:00 local');
SELECT ends('2026-11-02 23:30+00', '1d', '2026-11-04 17:00+01', 'the day is that of the calendar''s zone, not of UTC');
SELECT ends('2026-11-02 08:00+01', '2w', '2026-11-16 17:00+01', 'weeks are seven days');
-- business days
SELECT ends('2026-11-06 10:00+01', '1bd', '2026-11-09 17:00+01', '1bd from Friday is Monday');
SELECT ends('2026-11-06 18:00+01', '2bd', '2026-11-10 17:00+01', '2bd from Friday evening is Tuesday');
SELECT ends('2026-11-07 12:00+01', '1bd', '2026-11-09 17:00+01', '1bd from Saturday is Monday');
SELECT ends('2026-11-08 12:00+01', '5bd', '2026-11-13 17:00+01', '5bd from Sunday is Friday');
SELECT ends('2026-11-02 09:00+01', '5bd', '2026-11-09 17:00+01', '5bd from Monday is Monday');
SELECT ends('2026-12-24 09:00+01', '1bd', '2026-12-28 17:00+01', 'bd over Christmas and the weekend');
SELECT ends('2026-12-24 09:00+01', '6bd', '2027-01-05 17:00+01', '6bd over two holidays: 28, 29, 30, 31, 4, 5');
SELECT ends('2026-04-02 09:00+02', '2bd', '2026-04-08 17:00+02', '2bd over Easter');
-- months
SELECT ends('2026-01-15 12:00+01', '1mo', '2026-02-16 17:00+01', '1mo: 15 February is a Sunday, so Monday');
SELECT ends('2026-01-31 12:00+01', '1mo', '2026-03-02 17:00+01', '31 January + 1mo: 28 February is a Saturday');
SELECT ends('2028-01-31 12:00+01', '1mo', '2028-02-29 17:00+01', 'the leap day is the last day of February');
SELECT ends('2028-02-29 12:00+01', '12mo', '2029-02-28 17:00+01', 'a year after the leap day is 28 February');
SELECT ends('2024-02-29 12:00+01', '48mo', '2028-02-29 17:00+01', 'four years after the leap day is the leap day');
SELECT ends('2026-08-31 12:00+02', '1mo', '2026-09-30 17:00+02', 'August to September');
SELECT ends('2026-10-30 12:00+01', '1mo', '2026-11-30 17:00+01', 'same day of the month');
SELECT ends('2026-09-25 12:00+02', '3mo', '2026-12-28 17:00+01', '25 December is a holiday on a Friday');
-- hours of other calendars
SELECT ends('2026-03-28 12:00+01', '1d', '2026-03-29 03:30+02', 'an end in the hour that summer time skips',
  '{"zone":"Europe/Berlin","hours":{"sun":["00:00","02:30"]}}');
SELECT ends('2026-10-24 12:00+02', '1d', '2026-10-25 02:30+01', 'an end in the hour that comes twice is the second',
  '{"zone":"Europe/Berlin","hours":{"sun":["00:00","02:30"]}}');
SELECT ends('2026-11-02 10:00+00', '1d', '2026-11-04 00:00+00', '24:00 is the midnight after',
  '{"zone":"UTC","hours":{"mon":["00:00","24:00"],"tue":["00:00","24:00"],"wed":["00:00","24:00"]}}');
SELECT ends('2026-11-05 10:00+00', '1d', '2026-11-06 14:00+00', 'the day''s own closing time',
  '{"zone":"UTC","hours":{"thu":["09:00","17:00"],"fri":["09:00","14:00"]}}');
SELECT ends('2026-11-05 10:00+00', '1d', '2026-11-06 17:00+00', 'a calendar without a working day: 17:00', '{"zone":"UTC","hours":{}}');
SELECT ends('2026-11-05 10:00+05:30', '1d', '2026-11-06 17:00+05:30', 'a zone of half an hour',
  '{"zone":"Asia/Kolkata","hours":{"thu":["09:00","17:00"],"fri":["09:00","17:00"]}}');

-- working hours
CREATE FUNCTION opens(at text, want text, why text) RETURNS text LANGUAGE sql AS $$
  SELECT is(capa.working_time(at::timestamptz, berlin()), want::timestamptz, why)
$$;
SELECT opens('2026-11-02 12:00+01', '2026-11-02 12:00+01', 'within hours: at once');
SELECT opens('2026-11-02 07:59+01', '2026-11-02 09:00+01', 'before hours: at opening');
SELECT opens('2026-11-02 09:00+01', '2026-11-02 09:00+01', 'opening is within');
SELECT opens('2026-11-02 17:00+01', '2026-11-03 09:00+01', 'closing is not');
SELECT opens('2026-11-06 17:00+01', '2026-11-09 09:00+01', 'Friday evening to Monday');
SELECT opens('2026-12-24 20:00+01', '2026-12-28 09:00+01', 'over the holiday');
SELECT opens('2026-03-28 20:00+01', '2026-03-30 09:00+02', 'over the clock change');
SELECT is(capa.working_time('2026-11-07 03:00Z', NULL), '2026-11-07 03:00Z'::timestamptz, 'no calendar: no waiting');

-- repeats are reckoned from the step
SELECT is(capa.step_moment('{"planned_at":"2026-01-30T17:00:00Z","repeat":{"mo":1,"d":0,"bd":0,"s":0}}', 2,
  default_policy() -> 'calendars' -> 'office'), '2026-03-30 17:00Z'::timestamptz, 'the second month does not remember February');
SELECT is(capa.step_repeats('{"planned_at":"2026-01-30T17:00:00Z","repeat":{"mo":1,"d":0,"bd":0,"s":0}}', '2026-12-31 00:00Z',
  default_policy() -> 'calendars' -> 'office'), 11::bigint, 'eleven months until 31 December');
SELECT is(capa.step_repeats('{"planned_at":"2026-01-30T17:00:00Z","repeat":{"mo":0,"d":0,"bd":0,"s":2}}', '2026-01-30 17:00:09Z',
  NULL), 4::bigint, 'every two seconds, four in nine');
SELECT * FROM finish();
