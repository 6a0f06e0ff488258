-- How many events of an NC were observed from a moment on (SEMANTICS section 5: windows are judged by observed time),
-- counted up to `most`. effect_: 'f' fails, 'p' passes. Nothing is observed before it is received, so newer partitions are enough.
CREATE OR REPLACE FUNCTION capa.events_since(nc_ int, effect_ "char", since_ timestamptz, most int DEFAULT 1000)
RETURNS int LANGUAGE sql STABLE AS $$
  SELECT count(*)::int FROM (
    SELECT FROM capa.nc_event
    WHERE nc = nc_ AND effect = effect_ AND eventno > capa.eventno_at(since_)
      AND received >= since_ AND observed >= since_ LIMIT most) e
$$;
