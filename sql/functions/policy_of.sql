-- The policy pinned to an NC: that of the file version under which it was raised (capa.policy_named has the form).
CREATE OR REPLACE FUNCTION capa.policy_of(nc_ int) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    SELECT capa.policy_named(policy_version, policy) FROM capa.nc WHERE id = nc_);
END $$;
