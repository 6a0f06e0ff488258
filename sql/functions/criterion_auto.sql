-- The criterion that an NC's rule makes possible: passes where another rule clears it, else silence; none by hand.
CREATE OR REPLACE FUNCTION capa.criterion_auto(n capa.nc) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF n.rule IS NULL THEN
    PERFORM capa.fail('refused', format('NC-%s was raised by hand: no rule says how to prove it.', n.id), NULL,
      format('capactl criterion NC-%s --method manual --text TEXT', n.id));
  END IF;
  RETURN CASE WHEN EXISTS (SELECT FROM capa.rule r
      WHERE r.ruleset = (SELECT l.sha256 FROM capa.loaded l WHERE l.kind = 'rules' ORDER BY l.version DESC LIMIT 1)
        AND CASE jsonb_typeof(r.body -> 'clears') WHEN 'string' THEN r.body ->> 'clears' = n.rule
                 WHEN 'array' THEN r.body -> 'clears' ? n.rule ELSE false END)
    THEN 'pass_count' ELSE 'event_silence' END;
END $$;
