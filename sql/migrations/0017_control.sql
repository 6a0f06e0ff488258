-- Controls that an event itself named, of a failure that a storm took: they go with it when it is split off. Null where it named none.
ALTER TABLE capa.overflow ADD controls text[];
-- It takes the whole case now, with the controls in it.
DROP FUNCTION IF EXISTS capa.ingest_recur(int, capa.ingest_hit, text, bytea);
