-- The distinct texts of a batch's envelopes; a column's number k is element k + 1.
CREATE OR REPLACE FUNCTION capa.ingest_texts(meta jsonb) RETURNS text[] LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN ARRAY(SELECT t FROM jsonb_array_elements_text(meta -> 'texts') WITH ORDINALITY x(t, place) ORDER BY place);
END $$;
