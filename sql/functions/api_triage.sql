-- Grade, owner, controls and statement. In a later state it changes these and nothing else (SEMANTICS section 6). A grade that
-- was given before is lowered by two people only: that part becomes a request of kind regrade. Whoever triages what a rule
-- raised, and says nothing of its grade, takes the rule's.
CREATE OR REPLACE FUNCTION api.triage(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('triage', principal, params);
  grade_ text := capa.param_choice(params, 'grade', capa.grades());
  owner_ text := capa.param_name(params, 'owner', actor);
  issuer_ text := capa.param_text(params, 'issuer', 200);
  said text[] := '{}';
  extra jsonb := '{}';
  warning text := capa.owner_check(owner_);
BEGIN
  IF grade_ IS NULL AND owner_ IS NULL AND capa.param_list(params, 'controls') IS NULL
     AND capa.param_list(params, 'requirement') IS NULL AND capa.param_text(params, 'statement') IS NULL AND issuer_ IS NULL THEN
    PERFORM capa.fail('invalid', 'triage was given nothing to record.', NULL,
      'Give a grade, owner, controls, requirement, statement or issuer.');
  END IF;
  IF owner_ IS NOT NULL AND owner_ IS DISTINCT FROM n.owner THEN
    n := capa.owner_changed(n, NULL, n.owner, actor);
    n.owner := owner_;
    said := said || ('owner ' || owner_);
  END IF;
  IF capa.param_list(params, 'controls') IS NOT NULL THEN
    n.controls := capa.param_requirements(params, 'controls');
    said := said || ('controls ' || array_to_string(n.controls, ', '));
  END IF;
  IF capa.param_list(params, 'requirement') IS NOT NULL THEN
    n.requirement := array_to_string(capa.param_requirements(params, 'requirement'), '; ');
    said := said || 'requirement'::text;
  END IF;
  IF capa.param_text(params, 'statement') IS NOT NULL THEN
    n.found := capa.param_text(params, 'statement');
    said := said || 'statement'::text;
  END IF;
  IF issuer_ IS NOT NULL THEN
    PERFORM capa.issuer_check(n, principal);
    n.issuer := issuer_;
    said := said || ('issuer ' || issuer_);
  END IF;
  IF grade_ IS NOT NULL THEN
    n.triaged := true;
    IF capa.grade_rank(grade_) < capa.grade_rank(n.grade) AND (n.rule IS NOT NULL OR n.grade_decided) THEN
      extra := capa.regrade_ask(n, grade_, actor, 'at triage');
    ELSE
      n.grade := grade_;
      n.grade_decided := true;
      said := ('grade ' || grade_) || said;
    END IF;
  ELSIF n.rule IS NOT NULL THEN
    n.triaged := true;
  END IF;
  PERFORM capa.put('nc', to_jsonb(n));
  PERFORM capa.changed(n.id, 'nc.changed', 'triage', 'NC-' || n.id, 'triage: ' || array_to_string(said, ', '));
  RETURN capa.finish(principal, actor, params, capa.result(n.id, extra || jsonb_build_object('warnings', capa.warnings(warning))));
END $$;
