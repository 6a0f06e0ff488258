-- A root cause (10.2 b 2). "Human error" is where analysis starts: category people needs at least one why behind it.
-- The search for similar nonconformities runs with it and is recorded (10.2 b 3).
CREATE OR REPLACE FUNCTION api.cause(principal jsonb, actor text, params jsonb, files bytea[] DEFAULT NULL) RETURNS json
LANGUAGE plpgsql
SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  n capa.nc := capa.begin_change('cause', principal, params);
  category_ text := capa.param_choice(params, 'category', ARRAY['people', 'process', 'policy', 'technology', 'monitoring',
                                                               'supplier', 'environment', 'management']);
  method_ text := coalesce(capa.param_choice(params, 'method', ARRAY['five_whys', 'ishikawa', 'fault_tree', 'timeline',
                                                                     'barrier', 'other']), 'other');
  text_ text := capa.param_text(params, 'text');
  why_ text[] := capa.param_list(params, 'why');
  no_ int;
BEGIN
  IF category_ = 'people' AND why_ IS NULL THEN
    PERFORM capa.fail('refused', 'A cause of category people needs at least one why behind it: "human error" is where analysis starts.',
      NULL, format('capactl cause NC-%s TEXT --category people --why "what made the error possible"', n.id));
  END IF;
  SELECT coalesce(max(no), 0) + 1 INTO no_ FROM capa.record WHERE nc = n.id AND fact = 'cause';
  PERFORM capa.record_put(n, 'cause', jsonb_build_object('text', text_, 'category', category_, 'method', method_,
                                                         'why', to_jsonb(why_)), actor, no_);
  PERFORM capa.record_put(n, 'similar', capa.similar_search(n, category_), 'system');
  PERFORM capa.changed(n.id, 'nc.changed', 'cause', 'NC-' || n.id, format('cause %s (%s): %s', no_, category_, text_));
  RETURN capa.finish(principal, actor, params, capa.result(n.id, jsonb_build_object('cause', no_,
    'similar', capa.record_of(n.id, n.cycle, 'similar') -> 'hits')));
END $$;
