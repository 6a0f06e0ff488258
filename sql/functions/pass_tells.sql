-- Whether a pass of this fingerprint says anything of the NC that speaks for it: not of a rejected one, and of one that others were
-- merged into only where it is the NC's own fingerprint, or the NC, raised by hand, has none.
CREATE OR REPLACE FUNCTION capa.pass_tells(n capa.nc, fingerprint_ bytea) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(n.state <> 'rejected' AND (n.fingerprint = fingerprint_ OR n.fingerprint IS NULL), false)
$$;
