-- Records the parameters isms and risk, where given: "none", or the reference of what changes (10.2 e; 9001 e).
CREATE OR REPLACE FUNCTION capa.isms_risk_put(n capa.nc, params jsonb, actor text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  fact_ text;
  given text;
BEGIN
  FOREACH fact_ IN ARRAY ARRAY['isms', 'risk'] LOOP
    given := capa.param_text(params, fact_, 1024);
    IF given IS NOT NULL THEN
      PERFORM capa.record_put(n, fact_, jsonb_build_object('ref', CASE WHEN lower(given) = 'none' THEN 'none' ELSE given END,
                                                           'text', CASE WHEN params ? 'need' OR params ? 'verdict' THEN NULL ELSE capa.param_text(params, 'text') END), actor);
    END IF;
  END LOOP;
END $$;
