-- A duration {"mo","d","bd","s"}, which the daemon gives in params.spans; null where absent.
CREATE OR REPLACE FUNCTION capa.param_span(params jsonb, name_ text) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
  span jsonb := params -> 'spans' -> name_;
BEGIN
  IF span IS NULL AND capa.param_text(params, name_) IS NOT NULL THEN
    PERFORM capa.fail('invalid', format('"%s" must be a duration, not "%s".', name_, left(params ->> name_, 40)), NULL,
      'Durations look like 90s 15m 2h 3d 5bd 2w 6mo.');
  END IF;
  RETURN span;
END $$;
