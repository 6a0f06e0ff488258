-- The newest value of a fact in a cycle that was not retracted, or null.
CREATE OR REPLACE FUNCTION capa.record_of(nc_ int, cycle_ int, fact_ text) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    SELECT r.value FROM capa.record r
    WHERE r.nc = nc_ AND r.cycle = cycle_ AND r.fact = fact_ AND r.retracted_at IS NULL
    ORDER BY r.id DESC LIMIT 1);
END $$;
