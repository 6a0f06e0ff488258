-- The same batch again after a data error, one event at a time. Parameters as in ingest.sql.
SELECT api.ingest_careful($1::jsonb, $2::bytea), set_config('capa.batch', $4::text, false)
WHERE coalesce(current_setting('capa.batch', true), '') = $3::text;
