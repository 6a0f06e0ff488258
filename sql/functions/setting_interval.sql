-- A setting that is a span, as an interval of exact time.
CREATE OR REPLACE FUNCTION capa.setting_interval(name_ text) RETURNS interval LANGUAGE sql STABLE AS $$
  SELECT capa.span_interval(value) FROM capa.setting WHERE name = name_
$$;
