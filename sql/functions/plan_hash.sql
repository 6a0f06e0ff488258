-- What an approval signs: criterion, method, window, and each action's title, owner, due and expected result
-- (SEMANTICS section 6). The due date that was planned: a later one is an extension, which has its own second person.
CREATE OR REPLACE FUNCTION capa.plan_hash(nc_ int) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    SELECT encode(sha256(convert_to(jsonb_build_object(
      'criterion', (SELECT r.value - 'weak' FROM capa.record r
                    WHERE r.nc = n.id AND r.cycle = n.cycle AND r.fact = 'criterion' AND r.retracted_at IS NULL
                    ORDER BY r.id DESC LIMIT 1),
      'actions', (SELECT jsonb_agg(jsonb_build_array(a.id, a.kind, a.title, a.owner, capa.rfc3339(a.due_original), a.expected)
                                   ORDER BY a.id)
                  FROM capa.action a
                  WHERE a.nc = n.id AND a.cycle = n.cycle AND a.kind <> 'correction' AND a.state <> 'cancelled'))::text,
      'UTF8')), 'hex')
    FROM capa.nc n WHERE n.id = nc_);
END $$;
