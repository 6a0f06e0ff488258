-- Rights after each migration: PUBLIC nothing, the service role api alone.
REVOKE ALL ON SCHEMA capa, api FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA capa, api FROM PUBLIC;
GRANT USAGE ON SCHEMA api TO capad;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA api TO capad;
