-- Whether the register has an NC under one of the fingerprints that a failure had before its rule was renamed.
CREATE OR REPLACE FUNCTION capa.was_known(was jsonb) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM jsonb_array_elements_text(was) w JOIN capa.nc n ON n.fingerprint = decode(w, 'hex'))
$$;
