-- How long before its moment a replay must begin so that windows, storms and expectations of these rules are filled then: their longest time, at
-- most 7 days; of expectations at times of the calendar always that.
CREATE OR REPLACE FUNCTION capa.replay_lead(body_ jsonb) RETURNS interval LANGUAGE sql STABLE AS $$
  SELECT least('7 days', max(l.span)) FROM (
    SELECT capa.span_interval(s) AS span FROM jsonb_array_elements(body_ -> 'rules') r
      CROSS JOIN LATERAL (SELECT jsonb_path_query(r, '$.growth[*].within') UNION ALL SELECT jsonb_path_query(r, '$.growth[*].no_pass_for')
                          UNION ALL SELECT jsonb_path_query(r, '$.count.within') UNION ALL SELECT jsonb_path_query(r, '$.sequence.within')
                          UNION ALL SELECT jsonb_path_query(r, '$.storm.within')) AS x(s)
    UNION ALL
    SELECT CASE WHEN r -> 'expect' ->> 'kind' = 'cron' THEN '7 days'
                ELSE coalesce(capa.span_interval(r -> 'expect' -> 'every'), '0') + coalesce(capa.span_interval(r -> 'expect' -> 'grace'), '0') END
    FROM jsonb_array_elements(body_ -> 'rules') r WHERE r ? 'expect'
    UNION ALL
    SELECT capa.span_interval(value -> 'within') FROM capa.setting WHERE name = 'storm') l
$$;
