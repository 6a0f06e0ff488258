-- Refuses a redaction that reaches something under hold, or that has nothing left to take away.
CREATE OR REPLACE FUNCTION capa.redaction_check(kind_ text, number_ bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  scope record := capa.redaction_scope(kind_, number_);
  held text;
  e capa.evidence;
BEGIN
  SELECT string_agg('NC-' || n.id, ', ' ORDER BY n.id) INTO held FROM capa.nc n WHERE n.id = ANY (scope.ncs) AND n.hold IS NOT NULL;
  IF held IS NOT NULL THEN
    PERFORM capa.fail('refused', format('%s is under hold: nothing of it may be removed.', held), NULL,
      format('capactl hold %s --end --reason TEXT ends the hold.', split_part(held, ',', 1)));
  END IF;
  SELECT * INTO e FROM capa.evidence x WHERE kind_ = 'EV' AND x.id = number_;
  IF e.kind = 'link' THEN
    PERFORM capa.fail('refused', format('EV-%s is a link: capad keeps no bytes of it, and its address is in the record.', e.id), NULL,
      format('capactl redact NC-%s --reason TEXT takes the texts of the whole record.', e.nc));
  END IF;
  IF kind_ <> 'NC' AND NOT EXISTS (SELECT FROM capa.evidence_body b WHERE b.sha256 = ANY (scope.hashes))
     AND NOT EXISTS (SELECT FROM capa.event v WHERE v.eventno = ANY (scope.events) AND v.salt IS NOT NULL) THEN
    PERFORM capa.fail('refused', format('The bytes of %s-%s are gone already.', kind_, number_), NULL,
      'capactl evidence list NC says when and why.');
  END IF;
END $$;
