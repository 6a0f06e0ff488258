-- Is something still to be recorded for a period: nothing was, or it was missed and no later one is ok?
CREATE OR REPLACE FUNCTION capa.follow_up_asked(p capa.follow_up_period) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT p.outcome IS NULL OR (p.outcome = 'missed' AND NOT EXISTS (SELECT FROM capa.follow_up_period l
    WHERE l.follow_up = p.follow_up AND l.no > p.no AND l.outcome = 'ok'))
$$;
