-- All rows of a register table that are about an NC, complete, as JSON.
CREATE OR REPLACE FUNCTION capa.rows_of_nc(tbl_ text, nc_ int) RETURNS SETOF jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF tbl_ = 'nc' THEN
    RETURN QUERY SELECT to_jsonb(n) FROM capa.nc n WHERE n.id = nc_;
  ELSIF EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = format('capa.%I', tbl_)::regclass AND a.attname = 'nc'
                AND NOT a.attisdropped) THEN
    RETURN QUERY EXECUTE format('SELECT to_jsonb(x) FROM capa.%I x WHERE x.nc = $1', tbl_) USING nc_;
  ELSIF EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = format('capa.%I', tbl_)::regclass AND a.attname = 'follow_up'
                AND NOT a.attisdropped) THEN
    RETURN QUERY EXECUTE format('SELECT to_jsonb(x) FROM capa.%I x WHERE x.follow_up IN
      (SELECT f.id FROM capa.follow_up f WHERE f.nc = $1)', tbl_) USING nc_;
  END IF;
END $$;
