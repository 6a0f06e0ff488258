-- Why this caller may not decide a request, or null. Nobody decides what they asked for; an acceptance is a risk owner's to
-- approve, who owns the NC neither now nor did in this cycle (PRODUCT, "Accepted"). waivable: whether the policy could let it
-- pass with a reason: a separation of duties may be waived, a role not.
CREATE OR REPLACE FUNCTION capa.decision_bar(q capa.request, principal jsonb, who text, OUT why text, OUT waivable boolean)
LANGUAGE plpgsql STABLE AS $$
BEGIN
  waivable := false;
  IF q.kind = 'acceptance' AND NOT principal -> 'roles' ?| ARRAY['risk_owner', 'system'] THEN
    why := 'you have not the role risk_owner, whose decision an acceptance is';
  ELSIF q.kind = 'redaction' AND NOT principal -> 'roles' ?| ARRAY['isms_manager', 'top_management', 'system'] THEN
    why := 'you have not the role isms_manager or top_management, whose decision a redaction is';
  ELSIF capa.any_person(who, q.authors) THEN
    why := 'you are an author of this request, and nobody decides alone';
    waivable := q.nc IS NOT NULL AND q.kind <> 'redaction';
  ELSIF q.kind = 'acceptance' AND capa.any_person(who, (SELECT capa.owners_of(n) FROM capa.nc n WHERE n.id = q.nc)) THEN
    why := format('you own NC-%s, or did in this cycle, and no owner accepts the own nonconformity', q.nc);
    waivable := true;
  END IF;
END $$;
