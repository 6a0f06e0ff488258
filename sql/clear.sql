-- Before functions and views are applied again: drop all of them, so that a changed signature or a removed
-- function leaves nothing behind. In the same transaction, so nobody sees the gap. Tables use no function
-- of ours (a test checks it), so CASCADE reaches functions and views only.
DO $$
DECLARE
  line text;
BEGIN
  FOR line IN
    SELECT format('DROP VIEW IF EXISTS %s CASCADE', c.oid::regclass) FROM pg_class c
      WHERE c.relkind = 'v' AND c.relnamespace::regnamespace::text IN ('capa', 'api')
    UNION ALL
    SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', p.oid::regprocedure) FROM pg_proc p
      WHERE p.pronamespace::regnamespace::text IN ('capa', 'api')
  LOOP
    EXECUTE line;
  END LOOP;
END $$;
