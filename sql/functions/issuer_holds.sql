-- Refuses what would take a finding out of its issuer's hands: it is open until the issuer has accepted its closing
-- or has withdrawn it (PRODUCT, "External findings"). what: "merged", "rejected", ...
CREATE OR REPLACE FUNCTION capa.issuer_holds(n capa.nc, what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF n.issuer IS NOT NULL AND NOT coalesce(capa.record_of(n.id, n.cycle, 'external_closing') ->> 'verdict' IN ('accepted', 'withdrawn'), false) THEN
    PERFORM capa.fail('refused', format('NC-%s cannot be %s: it is a finding of %s, which holds it open.', n.id, what, n.issuer), NULL,
      format('It closes by proof and with its issuer''s acceptance: capactl next NC-%s.', n.id));
  END IF;
END $$;
