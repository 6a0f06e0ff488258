-- The other open NC of this one's fingerprint, or null: there is one open at most.
CREATE OR REPLACE FUNCTION capa.fingerprint_open(n capa.nc) RETURNS int LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT o.id FROM capa.nc o WHERE o.fingerprint = n.fingerprint AND o.id <> n.id AND NOT capa.has_left(o.state) LIMIT 1);
END $$;
