-- The number of a batch that a reference names (B-4), or null where it names something else.
CREATE OR REPLACE FUNCTION capa.batch_number(ref_ text) RETURNS int LANGUAGE sql IMMUTABLE AS $$
  SELECT (regexp_match(upper(btrim(ref_)), '^B-([1-9][0-9]{0,8})$'))[1]::int
$$;
