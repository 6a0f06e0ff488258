-- The end of a silence, or of one of its times, that has come and after which the state was not looked at again; null: none.
CREATE OR REPLACE FUNCTION capa.silence_ended(s capa.silence, at_ timestamptz) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT max(t.to_at) FROM capa.silence_times(s, coalesce(s.looked_at, s.from_at), at_) t
          WHERE t.to_at <= at_ AND t.to_at > coalesce(s.looked_at, '-infinity'));
END $$;
