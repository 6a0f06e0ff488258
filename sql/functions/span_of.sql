-- A measured time as the span that a person would have given: whole days from a day on, else whole minutes, or seconds, rounded
-- up; but half an hour makes no further day.
CREATE OR REPLACE FUNCTION capa.span_of(time_ interval) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_build_object('mo', 0, 'bd', 0, 'd', CASE WHEN t.s >= 86400 THEN greatest(ceil(round(t.s / 3600) / 24), 1)::int ELSE 0 END,
    's', CASE WHEN t.s >= 86400 THEN 0 WHEN t.s >= 60 THEN 60 * ceil(t.s / 60)::int ELSE greatest(ceil(t.s), 1)::int END)
  FROM (SELECT extract(epoch FROM time_) AS s) t
$$;
