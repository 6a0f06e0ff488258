-- One configuration that the register needs (SEMANTICS section 4): kind is rules, policy, settings or people, body in the form of
-- sql/README.md, sha256 what identifies it (of rules: the hash of the set). What is loaded already makes no row.
-- Returns {"kind","version","changed"}. Unknown kinds and bodies without what the register reads are refused (CA003).
-- The daemon loads all of them at once: api.load_set.
CREATE OR REPLACE FUNCTION api.load(kind text, sha256 text, body jsonb, actor text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
DECLARE
  result jsonb;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('capa.loaded'));
  result := capa.load_one(kind, sha256, body);
  PERFORM capa.append(coalesce(actor, 'system'));
  RETURN result;
END $$;
