-- A register row about a redacted NC, with its free texts replaced (view free_text). A redaction's own request keeps its
-- reason: that is what says why the rest is gone.
CREATE OR REPLACE FUNCTION capa.redacted_row(tbl_ text, r jsonb) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN tbl_ = 'request' AND r ->> 'kind' = 'redaction' THEN r
    ELSE r || coalesce((
      SELECT jsonb_object_agg(f.col, CASE f.how WHEN 'free' THEN '"[redacted]"' ELSE capa.redacted_json(r -> f.col) END)
      FROM capa.free_text f
      WHERE f.tbl = tbl_ AND f.how <> 'kept' AND r ? f.col AND r -> f.col <> 'null'), '{}') END
$$;
