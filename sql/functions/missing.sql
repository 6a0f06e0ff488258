-- What keeps an NC in its state: the facts that the next step lacks, each with the command that records it.
-- After need = no the next step is closing by the short way, where the grade has one and it is open.
CREATE OR REPLACE FUNCTION capa.missing(nc_ int) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
  n capa.nc;
  facts jsonb;
  next_ text;
BEGIN
  SELECT * INTO STRICT n FROM capa.nc WHERE id = nc_;
  SELECT b.name INTO next_ FROM capa.state a JOIN capa.state b ON b.place = a.place + 1 WHERE a.name = n.state;
  IF next_ IS NULL THEN
    RETURN '[]';
  END IF;
  SELECT to_jsonb(f) INTO STRICT facts FROM capa.fact f WHERE f.nc = nc_;
  IF n.state = 'analysed' AND (facts ->> 'need_no')::boolean AND (facts ->> 'short_open')::boolean
     AND EXISTS (SELECT FROM capa.guard g WHERE g.way = 'short' AND g.grade = n.grade) THEN
    RETURN capa.missing_of(n, facts, 'closed', 'short');
  END IF;
  RETURN capa.missing_of(n, facts, next_, 'main');
END $$;
