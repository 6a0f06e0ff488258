-- The fingerprint of a rule's storms, hex: SHA-256 as daemon/core/fingerprint.h says, over the rule and one part of a letter that no
-- event's part has: length of the rule's id as uint32, the id, "x", the length of "storm", "storm".
CREATE OR REPLACE FUNCTION capa.storm_fingerprint(rule_ text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT encode(sha256(int4send(octet_length(convert_to(rule_, 'UTF8'))) || convert_to(rule_, 'UTF8') || 'x'::bytea || int4send(5) || 'storm'::bytea), 'hex')
$$;
