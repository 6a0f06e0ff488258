-- Is an NC against one of these requirements or controls, each given as its key (capa.requirement_key) and meaning also what
-- lies below it: 10.2 finds 10.2 d, A.8 finds A.8.13, and A.8.1 does not.
CREATE OR REPLACE FUNCTION capa.requires(n capa.nc, keys text[]) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT FROM unnest(n.controls || string_to_array(n.requirement, ';')) AS r, LATERAL capa.requirement_key(r) AS have, unnest(keys) AS k
    WHERE starts_with(have || '/', k || '/'))
$$;
