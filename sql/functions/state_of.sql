-- Where the facts put an NC: the furthest state all of whose guards, and all guards before it, hold, but not below the
-- base of its cycle; way = 'short' where it is closed straight from analysed (SEMANTICS section 6).
CREATE OR REPLACE FUNCTION capa.state_of(nc_ int, OUT state text, OUT way text) LANGUAGE plpgsql STABLE AS $$
DECLARE
  facts jsonb;
  grade_ text;
  base_ int;
  step record;
BEGIN
  SELECT to_jsonb(f), f.grade, s.place INTO STRICT facts, grade_, base_
  FROM capa.fact f JOIN capa.cycle c ON c.nc = f.nc AND c.no = f.cycle JOIN capa.state s ON s.name = c.base
  WHERE f.nc = nc_;
  way := 'main';
  FOR step IN SELECT s.name, s.place FROM capa.state s WHERE s.place IS NOT NULL ORDER BY s.place LOOP
    EXIT WHEN step.place > base_ AND EXISTS (SELECT FROM capa.guard g
      WHERE g.into_state = step.name AND g.way = 'main' AND g.grade = grade_ AND NOT (facts ->> g.fact)::boolean);
    state := step.name;
  END LOOP;
  IF state = 'analysed' AND EXISTS (SELECT FROM capa.guard g WHERE g.way = 'short' AND g.grade = grade_)
     AND NOT EXISTS (SELECT FROM capa.guard g
       WHERE g.way = 'short' AND g.grade = grade_ AND NOT (facts ->> g.fact)::boolean) THEN
    state := 'closed';
    way := 'short';
  END IF;
END $$;
