-- Whether an event is late against a moment (SEMANTICS section 5): observed before it and delivered with a delay. Without
-- such a delay the order of receipt counts. A moment that is null is never missed.
CREATE OR REPLACE FUNCTION capa.is_late(observed_ timestamptz, received_ timestamptz, moment timestamptz) RETURNS boolean
LANGUAGE sql STABLE AS $$
  SELECT coalesce(observed_ < moment AND received_ - observed_ > capa.setting_interval('late_after'), false)
$$;
