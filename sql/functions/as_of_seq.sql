-- The last journal row of a moment, 0 before the first (SEMANTICS section 3, "As of T"). Takes the turn in SHARE mode for an
-- instant, so that nothing up to the moment is uncommitted any more; the subtransaction's end gives it back.
CREATE OR REPLACE FUNCTION capa.as_of_seq(moment timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
  BEGIN
    LOCK TABLE capa.turn IN SHARE MODE;
    RAISE EXCEPTION USING ERRCODE = 'CA099';
  EXCEPTION WHEN SQLSTATE 'CA099' THEN
    NULL;
  END;
  RETURN coalesce((SELECT max(seq) FROM capa.journal WHERE at <= moment), 0);
END $$;
