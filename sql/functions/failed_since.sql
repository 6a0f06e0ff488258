-- Has an NC failed after this moment? A late fail (observed before it, and delivered more than late_after later)
-- condemns nothing; without such delay the order of receipt counts (SEMANTICS section 5).
CREATE OR REPLACE FUNCTION capa.failed_since(nc_ int, since_ timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM capa.nc_event e
    WHERE e.nc = nc_ AND e.effect = 'f' AND e.eventno > capa.eventno_at(since_) AND e.received > since_
      AND (e.observed >= since_ OR e.received <= e.observed + capa.setting_interval('late_after')))
$$;
