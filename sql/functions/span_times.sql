-- A span n times: the n-th repeat of a step is reckoned from the step itself, so that months do not drift
-- towards the 28th and business days stay business days.
CREATE OR REPLACE FUNCTION capa.span_times(span jsonb, n bigint) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_object_agg(key, value::numeric * n) FROM jsonb_each_text(span)
$$;
