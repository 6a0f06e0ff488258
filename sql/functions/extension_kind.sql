-- Which request a later date takes: extension, or external_deadline where somebody outside set the present one and this date lies
-- beyond it: then that one's letter must be there. Refused where the law set it, and of an NC that was left but for obligations.
CREATE OR REPLACE FUNCTION capa.extension_kind(n capa.nc, d capa.deadline, to_ timestamptz, params jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  set_ timestamptz := CASE WHEN d.kind = 'external' THEN d.due
                           ELSE (capa.record_of(n.id, n.cycle, 'issuer_date_' || d.kind) ->> 'due')::timestamptz END;
BEGIN
  IF d.kind = 'clock' THEN
    PERFORM capa.fail('refused', format('%s of NC-%s is a date of the law: nobody extends it.', d.label, n.id), NULL,
      format('Meet it: capactl deadline met NC-%s %s. Or name another: capactl extend NC-%s --deadline KIND --to DATE --reason TEXT', n.id,
             d.label, n.id));
  ELSIF capa.has_left(n.state) AND d.kind <> 'external' THEN
    PERFORM capa.fail('refused', format('NC-%s is %s: extend changes nothing there.', n.id, n.state), NULL,
      format('capactl reopen NC-%s --reason TEXT begins a new cycle.', n.id));
  ELSIF to_ > set_ AND coalesce(nullif(params -> 'evidence', 'null'), '[]') = '[]' THEN
    PERFORM capa.fail('refused', format('%s of NC-%s was set by %s, and no letter of theirs grants a later date.', coalesce(d.label, d.kind), n.id,
        coalesce((SELECT o.source FROM capa.obligation o WHERE o.nc = n.id AND o.label = d.label ORDER BY o.id DESC LIMIT 1), capa.issuer_of(n))),
      NULL, format('capactl extend NC-%s --deadline %s --to DATE --reason TEXT --evidence LETTER', n.id, coalesce(d.label, d.kind)));
  END IF;
  RETURN CASE WHEN to_ > set_ THEN 'external_deadline' ELSE 'extension' END;
END $$;
