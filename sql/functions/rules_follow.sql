-- Before new rules are in force: what they mean for what is open. A renamed rule ("was") takes over what its former name had; one whose fingerprint
-- changed while NCs of it are open says what becomes of them ("fingerprint_changed"), else the rules are refused. before_: those in force.
CREATE OR REPLACE FUNCTION capa.rules_follow(before_ jsonb, after_ jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  old jsonb := capa.rules_by_id(before_);
  r jsonb;
  former text;
  last_ jsonb;
  ncs_ int[];
  refused text[] := '{}';
BEGIN
  FOR r IN SELECT x FROM jsonb_array_elements(after_ -> 'rules') x WHERE x ->> 'effect' IN ('fail', 'missing') LOOP
    last_ := old -> (r ->> 'id');
    FOR former IN SELECT jsonb_array_elements_text(coalesce(nullif(r -> 'was', 'null'), '[]')) LOOP
      last_ := coalesce(last_, old -> former);
      PERFORM capa.rule_renamed(former, r ->> 'id');
    END LOOP;
    CONTINUE WHEN NOT coalesce(last_ ? 'fingerprint' AND r ? 'fingerprint', false)
      OR (last_ -> 'fingerprint' = r -> 'fingerprint' AND last_ -> 'missing' IS NOT DISTINCT FROM r -> 'missing');
    ncs_ := ARRAY(SELECT n.id FROM capa.nc n WHERE n.rule = r ->> 'id' AND NOT capa.has_left(n.state) AND n.fingerprint IS NOT NULL
                    AND n.fingerprint <> decode(capa.storm_fingerprint(r ->> 'id'), 'hex') ORDER BY n.id);
    CONTINUE WHEN cardinality(ncs_) = 0;
    IF r ->> 'fingerprint_changed' IS NULL THEN
      refused := refused || format('The fingerprint of rule "%s" changed while %s of its nonconformities %s open (%s): their next failures would raise others beside them.',
        r ->> 'id', cardinality(ncs_), CASE WHEN cardinality(ncs_) = 1 THEN 'is' ELSE 'are' END, 'NC-' || array_to_string(ncs_[1:5], ', NC-') || CASE WHEN cardinality(ncs_) > 5 THEN ', …' ELSE '' END);
    ELSIF r ->> 'fingerprint_changed' = 'reject' THEN
      ncs_ := ARRAY(SELECT n.id FROM capa.nc n WHERE n.id = ANY (ncs_) AND n.state <> 'accepted' AND n.issuer IS NULL AND n.restricted IS NOT TRUE
                      AND NOT EXISTS (SELECT FROM capa.batch b WHERE b.state = 'open' AND n.id = ANY (b.ncs)) ORDER BY n.id);
      IF cardinality(ncs_) > 0 THEN
        PERFORM capa.batch_put(ncs_, r ->> 'id', 'the fingerprint of its rule changed: the failure is known by another one now', '{}', 'system');
      END IF;
    END IF;
  END LOOP;
  IF cardinality(refused) > 0 THEN
    PERFORM capa.fail('refused', array_to_string(refused, ' '), NULL,
      'Give the rule "fingerprint_changed": "keep" (what is open stays as it is) or "reject" (its rejection is asked for as one batch), or take the change back.');
  END IF;
END $$;
