-- Where the facts put an NC that comes back from where it was left (capa.state_of), short of closing: that capa.advance does.
CREATE OR REPLACE FUNCTION capa.facts_state(nc_ int) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN s.state <> 'closed' THEN s.state WHEN s.way = 'short' THEN 'analysed' ELSE 'verifying' END
  FROM capa.state_of(nc_) s
$$;
