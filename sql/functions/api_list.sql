-- The register, next due first; open NCs unless all or a left state is asked for. An owner's are also those of the teams and
-- roles that person belongs to. A restricted one that the caller may not read is listed without what it says, and is found by none
-- of its words. Paged by the last reference of the page before.
CREATE OR REPLACE FUNCTION api.list(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  calendar jsonb := capa.policy_default() -> 'calendar';
  states text[];
  grades text[];
  owners text[];
  controls_ text[];
  hidden int[];
  rules text[];
  assets text[];
  overdue_ boolean;
  labels_ jsonb := '{}';
  from_ timestamptz;
  all_ boolean;
  register_ boolean;
  most int;
  last_ int;
  last_due timestamptz;
  result json;
BEGIN
  PERFORM capa.check_call('list', principal, params);
  states := capa.param_list(params, 'state');
  grades := capa.param_list(params, 'grade');
  SELECT array_agg(name_) INTO owners FROM unnest(capa.param_list(params, 'owner')) o,
    unnest(capa.names_of(CASE o WHEN 'me' THEN actor ELSE o END)) AS name_;
  hidden := capa.hidden_ncs(principal, actor);
  controls_ := ARRAY(SELECT capa.requirement_key(c) FROM unnest(capa.param_list(params, 'control')) c);
  rules := capa.param_list(params, 'rule');
  assets := capa.param_list(params, 'asset');
  overdue_ := capa.param_bool(params, 'overdue');
  IF jsonb_typeof(params -> 'label') = 'object' THEN
    labels_ := params -> 'label';
  ELSE
    SELECT coalesce(jsonb_object_agg(split_part(l, '=', 1), substr(l, strpos(l, '=') + 1)), '{}') INTO labels_
      FROM unnest(capa.param_list(params, 'label')) l;
  END IF;
  from_ := capa.param_moment(params, 'since', calendar, true);
  all_ := coalesce(capa.param_bool(params, 'all'), false);
  register_ := coalesce(capa.param_bool(params, 'register'), false);
  most := coalesce(nullif(capa.param_int(params, 'limit', 5000), 0), 500);
  PERFORM capa.list_words(states, grades);
  IF params -> 'after' <> 'null' THEN
    last_ := (capa.reference(params ->> 'after')).nc;
    last_due := coalesce((SELECT d.due FROM capa.next_due d WHERE d.nc = last_), 'infinity');
  END IF;
  SELECT coalesce(json_agg(capa.list_object(p.id, register_, p.id = ANY (hidden)) ORDER BY p.due, p.id), '[]') INTO result FROM (
    SELECT n.id, coalesce(d.due, 'infinity') AS due
    FROM capa.nc n LEFT JOIN capa.next_due d ON d.nc = n.id
    WHERE (all_ OR n.state = ANY (states) OR (states IS NULL AND NOT capa.has_left(n.state)))
      AND (states IS NULL OR n.state = ANY (states))
      AND (grades IS NULL OR n.grade = ANY (grades))
      AND (owners IS NULL OR capa.name_key(n.owner) = ANY (owners))
      AND (controls_ = '{}' OR capa.requires(n, controls_))
      AND (rules IS NULL OR n.rule = ANY (rules))
      AND (assets IS NULL OR n.asset = ANY (assets))
      AND (overdue_ IS NULL OR coalesce(d.overdue, false) = overdue_)
      AND (labels_ = '{}' OR n.labels @> labels_)
      AND (NOT n.id = ANY (hidden) OR (owners IS NULL AND controls_ = '{}' AND rules IS NULL AND assets IS NULL AND labels_ = '{}'))
      AND (from_ IS NULL OR n.raised_at >= from_)
      AND (last_ IS NULL OR (coalesce(d.due, 'infinity'), n.id) > (last_due, last_))
    ORDER BY coalesce(d.due, 'infinity'), n.id LIMIT most) p;
  RETURN result;
END $$;
