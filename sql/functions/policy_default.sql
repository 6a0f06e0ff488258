-- The policy that a new NC would be raised under: for moments that belong to no NC yet.
CREATE OR REPLACE FUNCTION capa.policy_default() RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT capa.policy_named(coalesce((SELECT max(version) FROM capa.loaded WHERE kind = 'policy'), 0), 'default')
$$;
