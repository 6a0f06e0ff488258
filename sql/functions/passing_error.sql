-- Whether an error is of the moment and not of the matter: connection (08), serialization and deadlock (40), resources (53),
-- locks (55), operator (57), system (58). Such errors are never caught here: the daemon repeats.
CREATE OR REPLACE FUNCTION capa.passing_error(code text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT left(code, 2) IN ('08', '40', '53', '55', '57', '58')
$$;
