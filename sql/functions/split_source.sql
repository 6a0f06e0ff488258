-- What `split` means: of the fingerprints that an NC speaks for beside its own, the one that begins with these hexadecimal
-- digits (8 at least), and the NC that its texts are taken from (null: what a storm took has them). Refused where none or several do, or where another NC speaks
-- for it already.
CREATE OR REPLACE FUNCTION capa.split_source(n capa.nc, given text, OUT fingerprint bytea, OUT source int) LANGUAGE plpgsql AS $$
DECLARE
  found_ int[];
  other int;
BEGIN
  IF given !~ '^[0-9a-fA-F]{8,64}$' THEN
    PERFORM capa.fail('invalid', format('"%s" is no fingerprint: 8 to 64 hexadecimal digits.', left(given, 80)), NULL,
      format('capactl show NC-%s lists what was merged into it; show of those has the fingerprint.', n.id));
  END IF;
  -- The newest NC of each such fingerprint.
  SELECT array_agg(x.id) INTO found_ FROM (
    SELECT max(m.id) AS id FROM capa.nc m WHERE m.id = ANY (capa.merged_under(n.id)) AND m.fingerprint IS DISTINCT FROM n.fingerprint
      AND encode(m.fingerprint, 'hex') LIKE lower(given) || '%' GROUP BY m.fingerprint) x;
  SELECT decode(o.fingerprint, 'hex') INTO fingerprint FROM (
    SELECT min(x.fingerprint) AS fingerprint, count(*) AS times FROM capa.overflow x WHERE x.nc = n.id AND x.fingerprint LIKE lower(given) || '%') o WHERE o.times = 1;
  IF found_ IS NULL AND fingerprint IS NOT NULL THEN
    NULL; -- one that a storm took: no NC has its texts
  ELSIF found_ IS NULL THEN
    PERFORM capa.fail('refused', CASE WHEN encode(n.fingerprint, 'hex') LIKE lower(given) || '%'
      THEN format('That is the fingerprint of NC-%s itself: there is nothing to split off.', n.id)
      ELSE format('NC-%s speaks for no fingerprint that begins with %s beside its own.', n.id, lower(given)) END, NULL,
      format('capactl show NC-%s lists what was merged into it.', n.id));
  ELSIF cardinality(found_) > 1 THEN
    PERFORM capa.fail('refused', format('Several fingerprints begin with %s: give more of it.', lower(given)));
  END IF;
  source := found_[1];
  fingerprint := coalesce((SELECT m.fingerprint FROM capa.nc m WHERE m.id = found_[1]), fingerprint);
  other := capa.nc_for(fingerprint);
  IF other <> n.id THEN
    PERFORM capa.fail('refused', format('That fingerprint is spoken for by NC-%s already.', other), NULL, format('capactl show NC-%s', other));
  END IF;
END $$;
