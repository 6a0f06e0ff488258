-- What is due within a time (7 days by default), overdue things first, of everybody or of one owner.
CREATE OR REPLACE FUNCTION api.due(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  owner_ text := capa.param_name(params, 'owner', actor);
  owners text[] := capa.names_of(owner_);
  hidden int[] := capa.hidden_ncs(principal, actor);
  now_ timestamptz := capa.now();
  until_ timestamptz;
BEGIN
  PERFORM capa.check_call('due', principal, params);
  until_ := now_ + capa.span_interval(coalesce(capa.param_span(params, 'within'), '{"d":7}'));
  RETURN (SELECT coalesce(json_agg(x.item ORDER BY x.due, x.id), '[]') FROM (
    SELECT d.id, d.due, jsonb_build_object('ref', coalesce('FU-' || d.follow_up, 'CA-' || d.action, 'NC-' || d.nc), 'nc', 'NC-' || d.nc,
             'title', CASE WHEN d.nc = ANY (hidden) THEN 'restricted' ELSE coalesce(f.title, a.title, n.title) END, 'grade', n.grade,
             'owner', CASE WHEN d.nc = ANY (hidden) THEN NULL ELSE coalesce(f.owner, a.owner, n.owner) END, 'kind', d.kind,
             'label', CASE WHEN d.nc = ANY (hidden) THEN NULL ELSE d.label END, 'due', capa.rfc3339(d.due), 'due_original', capa.rfc3339(d.due_original), 'overdue', d.due < now_) AS item
    FROM capa.deadline d JOIN capa.nc n ON n.id = d.nc LEFT JOIN capa.action a ON a.id = d.action
    LEFT JOIN capa.follow_up f ON f.id = d.follow_up
    WHERE d.met_at IS NULL AND d.void_at IS NULL AND d.kind <> 'window' AND d.due <= until_
      AND (owner_ IS NULL OR NOT d.nc = ANY (hidden) AND capa.name_key(coalesce(f.owner, a.owner, n.owner)) = ANY (owners))) x);
END $$;
