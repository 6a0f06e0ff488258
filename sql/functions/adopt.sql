-- A renamed rule keeps its NCs ("was"): where none has the failure's fingerprint, those that have it under the rule's former name take
-- the new one, closed ones too, so that they recur. The caller holds the locks of both.
CREATE OR REPLACE FUNCTION capa.adopt(fingerprint_ bytea, was jsonb, rule_ text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  n capa.nc;
  former bytea;
BEGIN
  IF EXISTS (SELECT FROM capa.nc x WHERE x.fingerprint = fingerprint_) THEN
    RETURN;
  END IF;
  SELECT decode(w, 'hex') INTO former FROM jsonb_array_elements_text(was) WITH ORDINALITY AS u(w, no)
  WHERE EXISTS (SELECT FROM capa.nc x WHERE x.fingerprint = decode(w, 'hex')) ORDER BY no LIMIT 1;
  FOR n IN SELECT * FROM capa.nc x WHERE x.fingerprint = former ORDER BY x.id LOOP
    n.fingerprint := fingerprint_;
    n.rule := rule_;
    n.version := n.version + 1;
    PERFORM capa.put('nc', to_jsonb(n));
    PERFORM capa.tell('nc.changed', 'ingest', 'NC-' || n.id, n.id, jsonb_build_object('what', 'renamed', 'nc', capa.summary(n.id),
      'sentence', format('its fingerprint is that of the renamed rule %s now', rule_)));
  END LOOP;
END $$;
