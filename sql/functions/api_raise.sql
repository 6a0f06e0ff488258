-- A nonconformity, observation or opportunity reported by hand (CONTRACT, "raise"). Whoever gives its grade has triaged that
-- much; with owner, control and statement it is triaged at once. An issuer makes it a finding from outside; dates that somebody set
-- come with it.
CREATE OR REPLACE FUNCTION api.raise(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  requirement_ text[];
  controls_ text[];
  aware timestamptz;
  proof jsonb;
  owner_ text;
  warning text;
  id_ int;
  n capa.nc;
  said text;
BEGIN
  PERFORM capa.check_call('raise', principal, params);
  IF params ->> 'if_version' IS NOT NULL THEN
    PERFORM capa.fail('invalid', 'raise makes something new: "if_version" means nothing there.');
  END IF;
  requirement_ := capa.param_requirements(params, 'requirement');
  controls_ := capa.param_requirements(params, 'controls');
  aware := coalesce(capa.param_moment(params, 'aware_at', capa.policy_default() -> 'calendar', true), capa.now());
  IF aware > capa.now() THEN
    PERFORM capa.fail('invalid', format('Nobody can be aware of it in the future (%s).', params ->> 'aware_at'));
  ELSIF aware < '2000-01-01' THEN
    PERFORM capa.fail('invalid', format('"aware_at" is %s, long before this register: nobody has known of it since then.',
                                        capa.rfc3339(aware)), NULL,
      'Give when it became known: a date (2026-03-31), a time (2026-03-31T09:00:00Z), or how long ago (2d).');
  END IF;
  owner_ := capa.param_name(params, 'owner', actor);
  warning := capa.owner_check(owner_);
  proof := capa.evidence_put(NULL, params, files, actor, NULL, NULL, true);
  id_ := capa.raise_nc(jsonb_strip_nulls(jsonb_build_object(
    'title', capa.param_text(params, 'title', 1024),
    'grade', coalesce(capa.param_choice(params, 'grade', capa.grades()), 'minor'),
    'grade_decided', capa.param_text(params, 'grade') IS NOT NULL,
    'triaged', capa.param_text(params, 'grade') IS NOT NULL,
    -- As of a rule (SEMANTICS section 4): who says no more than a title has said what was found.
    'found', coalesce(capa.param_text(params, 'statement'), capa.param_text(params, 'title', 1024)),
    'requirement', array_to_string(requirement_, '; '),
    'owner', owner_,
    'controls', to_jsonb(controls_),
    'asset', capa.param_text(params, 'asset', 1024),
    'source_kind', capa.param_choice(params, 'source_kind', ARRAY['monitoring', 'internal_audit', 'external_audit', 'incident',
      'complaint', 'supplier', 'authority', 'management_review', 'risk_assessment', 'objective', 'test', 'self_report']),
    'external_ref', capa.param_text(params, 'external_ref', 1024),
    'supplier', capa.param_text(params, 'supplier', 1024),
    'issuer', capa.param_text(params, 'issuer', 200),
    'restricted', nullif(capa.param_bool(params, 'restricted'), false),
    'labels', capa.param_labels(params, 'labels'),
    'raised_by', actor)) || jsonb_build_object('aware_at', aware, 'evidence', proof), 'raise');
  SELECT * INTO STRICT n FROM capa.nc WHERE id = id_;
  said := capa.outside_dates(n, params, 'due', actor);
  IF said IS NOT NULL THEN
    PERFORM capa.changed(id_, 'deadline.added', 'deadline.add', 'NC-' || id_, said || coalesce(', set by ' || n.issuer, ''),
                         jsonb_build_object('obligations', capa.obligations_json(id_)));
  END IF;
  RETURN capa.finish(principal, actor, params, capa.result(id_, jsonb_build_object('warnings', capa.warnings(warning,
    (SELECT string_agg(format('%s stays due %s, as the policy asks; the date from outside is noted', d.kind, capa.rfc3339(d.due)), '; ')
     FROM capa.record r JOIN capa.deadline d ON d.nc = r.nc AND r.fact = 'issuer_date_' || d.kind
     WHERE r.nc = id_ AND (r.value ->> 'due')::timestamptz > d.due)))));
END $$;
