-- A span as an interval without a calendar: for windows that are compared with observed times, where the hour of
-- closing time means nothing (growth of a grade, retention). Business days count as days.
CREATE OR REPLACE FUNCTION capa.span_interval(span jsonb) RETURNS interval LANGUAGE sql IMMUTABLE AS $$
  SELECT make_interval(months => coalesce((span ->> 'mo')::int, 0),
                       days => coalesce((span ->> 'd')::int, 0) + coalesce((span ->> 'bd')::int, 0),
                       secs => coalesce((span ->> 's')::double precision, 0))
$$;
