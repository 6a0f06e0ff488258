-- Who owns an NC, and who owned it before in this cycle: giving it away for a moment changes nobody's part in it.
CREATE OR REPLACE FUNCTION capa.owners_of(n capa.nc) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT array_agg(o) FROM (
    SELECT n.owner AS o WHERE n.owner IS NOT NULL
    UNION
    SELECT r.value ->> 'owner' FROM capa.record r
    WHERE r.nc = n.id AND r.cycle = n.cycle AND r.fact = 'past_owner' AND NOT r.value ? 'action') x
$$;
