-- Which facts a step of the main line (or the short way) still lacks, as [{"fact","sentence","command"}].
-- A fact that hangs on one that is missing too is not named: first things first.
CREATE OR REPLACE FUNCTION capa.missing_of(n capa.nc, facts jsonb, into_ text, way_ text) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('fact', g.fact,
      'sentence', replace(replace(replace(g.sentence, '{ref}', 'NC-' || n.id), '{action}', coalesce(d.action, 'an action')),
                          '{detail}', coalesce(d.detail, '')),
      'command', nullif(replace(replace(replace(g.command, '{grade}', n.grade), '{ref}', 'NC-' || n.id), '{action}', coalesce(d.action, 'CA')), ''))
    ORDER BY g.place), '[]')
  FROM capa.guard g CROSS JOIN LATERAL capa.detail(n, facts, g.fact) d
  WHERE g.into_state = into_ AND g.way = way_ AND g.grade = n.grade AND NOT (facts ->> g.fact)::boolean
    AND NOT (g.fact = 'correction_evidence' AND NOT (facts ->> 'correction')::boolean)
    AND NOT (g.fact IN ('action_owner', 'action_due', 'expected') AND NOT (facts ->> 'action_any')::boolean)
    AND NOT (g.fact = 'action_evidence' AND NOT (facts ->> 'action_done')::boolean)
    AND NOT (g.fact = 'action_done' AND NOT (facts ->> 'actions_ended')::boolean
             AND (facts ->> 'action_any')::boolean)
    AND NOT (g.fact IN ('verdict', 'verdict_or_proof') AND NOT ((facts ->> 'window')::boolean
             AND (facts ->> 'no_fail')::boolean AND (facts ->> 'passes')::boolean)));
END $$;
