-- Acknowledges escalations: by reference, all of an NC, or all that are the caller's. It mutes the repeats of their step
-- until `until`, or for as long as the ladder says (one business day where it does not), never the next step and
-- never the due date (PRODUCT "Escalation").
CREATE OR REPLACE FUNCTION api.ack(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  refs text[] := capa.param_list(params, 'ref');
  targets int[];
  e capa.escalation;
  nc_ int;
  ncs int[];
  policy jsonb;
  hidden int[] := capa.hidden_ncs(principal, actor);
BEGIN
  PERFORM capa.check_call('ack', principal, params);
  IF (refs IS NULL) = NOT coalesce(capa.param_bool(params, 'mine'), false) THEN
    PERFORM capa.fail('invalid', 'ack needs either "ref" or "mine".', NULL,
                      'capactl ack ESC-9, capactl ack NC-17, or capactl ack --mine.');
  END IF;
  targets := capa.ack_targets(refs, actor);
  SELECT coalesce(array_agg(DISTINCT x.nc ORDER BY x.nc), '{}') INTO ncs FROM capa.escalation x WHERE x.id = ANY (targets);
  FOREACH nc_ IN ARRAY ncs LOOP
    PERFORM capa.begin_change('ack', principal, jsonb_build_object('ref', 'NC-' || nc_, 'if_version',
      CASE WHEN cardinality(ncs) = 1 THEN params -> 'if_version' END), actor);
    policy := capa.policy_of(nc_);
    FOR e IN SELECT * FROM capa.escalation x WHERE x.nc = nc_ AND x.id = ANY (targets) ORDER BY x.id LOOP
      e.acked_by := actor;
      e.acked_at := capa.now();
      e.acked_until := coalesce(capa.param_moment(params, 'until', policy -> 'calendar'),
                                capa.add_span(e.acked_at, coalesce(e.ack_span, '{"bd":1}'), policy -> 'calendar'));
      IF e.acked_until <= e.acked_at THEN
        PERFORM capa.fail('refused', format('"until" is %s, which has passed.', capa.rfc3339(e.acked_until)), NULL,
                          'Give a time ahead, or a duration such as 2d.');
      END IF;
      PERFORM capa.put('escalation', to_jsonb(e));
    END LOOP;
    PERFORM capa.changed(nc_, 'nc.changed', 'ack', 'NC-' || nc_, (SELECT format('acknowledged: %s, until %s',
        string_agg('ESC-' || x.id, ', ' ORDER BY x.id), capa.rfc3339(max(x.acked_until)))
      FROM capa.escalation x WHERE x.nc = nc_ AND x.id = ANY (targets)));
  END LOOP;
  RETURN capa.finish(principal, actor, params,
    CASE WHEN cardinality(ncs) = 1 AND NOT ncs[1] = ANY (hidden) THEN capa.result(ncs[1]) ELSE '{"next":[]}' END
    || jsonb_build_object('acked', coalesce((SELECT jsonb_agg(capa.escalation_item(x, hidden) ORDER BY x.id)
                                             FROM capa.escalation x WHERE x.id = ANY (targets)), '[]')));
END $$;
