-- When the last action of an NC's cycle was done; null if none is. Corrections are not meant (SEMANTICS section 6).
CREATE OR REPLACE FUNCTION capa.last_done(n capa.nc) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT max(a.done_at) FROM capa.action a
          WHERE a.nc = n.id AND a.cycle = n.cycle AND a.kind <> 'correction' AND a.state = 'done');
END $$;
