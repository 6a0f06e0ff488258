-- Roles: capa_owner owns schemas and functions and never logs in; capad, the service role, executes
-- functions of schema api and nothing else. Run as a superuser or a role with CREATEROLE, once a cluster.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'capa_owner') THEN
    CREATE ROLE capa_owner NOLOGIN;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'capad') THEN
    CREATE ROLE capad LOGIN;
  END IF;
END $$;
