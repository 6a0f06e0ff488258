-- Whether a silence applies at a moment, from when on not any more; null: it does not.
CREATE OR REPLACE FUNCTION capa.silence_applies(s capa.silence, at_ timestamptz) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT max(t.to_at) FROM capa.silence_times(s, at_, at_) t WHERE t.from_at <= at_ AND t.to_at > at_);
END $$;
