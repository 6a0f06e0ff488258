-- A rule was called something else before: what the register has under that name is now under the new one. Fingerprints hold the name too: they
-- follow with the next event (capa.adopt), that of a storm at once. The changes go into the row that tells of the rules.
CREATE OR REPLACE FUNCTION capa.rule_renamed(former text, rule_ text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  n capa.nc;
  was bytea := decode(capa.storm_fingerprint(former), 'hex');
BEGIN
  FOR n IN SELECT * FROM capa.nc x WHERE x.rule = former ORDER BY x.id FOR UPDATE LOOP
    n.rule := rule_;
    IF n.fingerprint = was THEN
      n.fingerprint := decode(capa.storm_fingerprint(rule_), 'hex');
    END IF;
    n.version := n.version + 1;
    PERFORM capa.put('nc', to_jsonb(n));
  END LOOP;
  PERFORM capa.put('rule_hold', coalesce((SELECT jsonb_agg(to_jsonb(h) || jsonb_build_object('rule', rule_) ORDER BY h.id) FROM capa.rule_hold h
    WHERE h.rule = former AND (h.ended_at IS NOT NULL OR NOT EXISTS (SELECT FROM capa.rule_hold o WHERE o.rule = rule_ AND o.ended_at IS NULL))), '[]'));
  PERFORM capa.put('silence', coalesce((SELECT jsonb_agg(to_jsonb(s) || jsonb_build_object('rule', rule_) ORDER BY s.id) FROM capa.silence s WHERE s.rule = former), '[]'));
  PERFORM capa.put('overflow', coalesce((SELECT jsonb_agg(to_jsonb(o) || jsonb_build_object('rule', rule_) ORDER BY o.fingerprint) FROM capa.overflow o WHERE o.rule = former), '[]'));
  UPDATE capa.muted SET rule = rule_ WHERE rule = former;
END $$;
