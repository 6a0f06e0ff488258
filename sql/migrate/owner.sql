-- After roles.sql: the owner may make schemas in this database, and whoever migrates may act as the owner.
-- Only what is not so yet, so that a second run needs no more rights than SET ROLE.
DO $$
BEGIN
  IF NOT pg_has_role(current_user, 'capa_owner', 'MEMBER') THEN
    EXECUTE format('GRANT capa_owner TO %I', current_user);
  END IF;
  IF NOT (has_database_privilege('capa_owner', current_database(), 'CREATE')
          AND has_database_privilege('capa_owner', current_database(), 'TEMPORARY')) THEN
    EXECUTE format('GRANT CREATE, TEMPORARY ON DATABASE %I TO capa_owner', current_database());
  END IF;
  -- The functions of api work with temporary tables as the owner: whoever could make one before them, with a trigger
  -- on it, would act as the owner.
  IF has_database_privilege('capad', current_database(), 'TEMPORARY') THEN
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC, capad', current_database());
  END IF;
END $$;
