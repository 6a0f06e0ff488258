-- A phase deadline after its NC's grade rose: min(due, max(start + the new grade's duration, now + a quarter of it)),
-- and the new grade's ladder (SEMANTICS section 7). wanted is start + the new duration. Grade down: nothing moves.
CREATE OR REPLACE FUNCTION capa.deadline_tightened(d capa.deadline, grade_ text, wanted timestamptz, exact_ boolean,
                                                   at timestamptz, policy jsonb) RETURNS capa.deadline
LANGUAGE plpgsql STABLE AS $$
DECLARE
  due_ timestamptz := least(d.due, greatest(wanted, at + make_interval(secs => extract(epoch FROM wanted - d.started_at)::float8 / 4)));
BEGIN
  IF wanted IS NULL OR capa.grade_rank(grade_) <= capa.grade_rank(d.grade) THEN
    RETURN d;
  END IF;
  d.grade := grade_;
  d.tightened := d.tightened OR due_ < d.due;
  RETURN capa.deadline_move(d, due_, CASE WHEN due_ < d.due THEN exact_ ELSE d.exact END, at, policy);
END $$;
