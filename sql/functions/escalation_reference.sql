-- The number of an escalation reference: ESC-9, or 9 where only an escalation can be meant. Null for any other reference.
CREATE OR REPLACE FUNCTION capa.escalation_reference(ref_ text) RETURNS int LANGUAGE sql IMMUTABLE AS $$
  SELECT m[1]::int FROM regexp_match(upper(btrim(ref_)), '^(?:ESC-)?([1-9][0-9]{0,8})$') AS m
$$;
