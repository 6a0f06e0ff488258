-- A setting that is a span, as an interval of exact time. In plpgsql, whose plan is kept: every batch asks.
CREATE OR REPLACE FUNCTION capa.setting_interval(name_ text) RETURNS interval LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (SELECT capa.span_interval(value) FROM capa.setting WHERE name = name_);
END $$;
