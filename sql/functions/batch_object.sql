-- A batch as results and messages show it.
CREATE OR REPLACE FUNCTION capa.batch_object(b capa.batch) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_strip_nulls(jsonb_build_object('ref', 'B-' || b.id, 'kind', b.kind, 'state', b.state, 'rule', b.rule, 'count', cardinality(b.ncs),
    'ncs', (SELECT jsonb_agg('NC-' || i ORDER BY i) FROM unnest(b.ncs) i), 'reason', b.reason, 'author', b.author,
    'added_at', capa.rfc3339(b.added_at), 'decided_by', b.decided_by, 'decided_at', capa.rfc3339(b.decided_at),
    'undone_by', b.undone_by, 'undone_at', capa.rfc3339(b.undone_at), 'undone_why', b.undone_why))
$$;
