-- How long a follow-up goes on: parameter "for" as a count ("x12") or as a duration, which becomes the number of periods that reach
-- its end; both null where it is absent: standing. until: the date that the last period is due, as planned.
CREATE OR REPLACE FUNCTION capa.follow_up_count(f capa.follow_up, params jsonb, calendar jsonb, OUT periods int, OUT until timestamptz)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  span jsonb := params -> 'spans' -> 'for';
  text_ text := lower(capa.param_text(params, 'for', 20));
  most constant int := 1000;
BEGIN
  IF span IS NULL AND text_ IS NULL THEN
    RETURN;
  ELSIF span IS NULL AND text_ !~ '^x?[1-9][0-9]{0,3}$' THEN
    PERFORM capa.fail('invalid', format('"for" must be a duration or a count of periods, not "%s".', left(text_, 20)), NULL,
      'Say --for 6mo, --for x12, or leave it out: then it goes on until it is stopped.');
  ELSIF span IS NULL THEN
    periods := ltrim(text_, 'x')::int;
  ELSE
    until := capa.add_span(f.added_at, span, calendar);
    IF until < capa.follow_up_date(f, 1, f.added_at, calendar) THEN
      PERFORM capa.fail('invalid', format('The follow-up would end (%s) before its first period does (%s).', capa.span_text(span), capa.span_text(f.every)),
        NULL, 'Give a shorter --every, or a longer --for.');
    END IF;
    periods := 1;
    WHILE periods <= most AND capa.follow_up_date(f, periods, f.added_at, calendar) < until LOOP
      periods := periods + 1;
    END LOOP;
  END IF;
  IF periods > most THEN
    PERFORM capa.fail('invalid', format('A follow-up has at most %s periods.', most), NULL, 'Give a longer --every, or leave --for out: then it is standing.');
  END IF;
  until := capa.follow_up_date(f, periods, f.added_at, calendar);
END $$;
