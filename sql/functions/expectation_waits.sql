-- Whether time without a pass would let the grade of an NC grow by this step of its rule's growth. Nothing passes a storm: what it
-- took is proved by fingerprints of its own, so its grade waits for nothing.
CREATE OR REPLACE FUNCTION capa.expectation_waits(n capa.nc, growth_ jsonb) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(growth_ ? 'no_pass_for' AND n.state IN ('raised', 'triaged', 'contained', 'analysed', 'planned', 'implementing')
                  AND capa.grade_rank(growth_ ->> 'to') > coalesce(capa.grade_rank(n.grade_by_rule), -1)
                  AND n.fingerprint <> decode(capa.storm_fingerprint(n.rule), 'hex'), false)
$$;
