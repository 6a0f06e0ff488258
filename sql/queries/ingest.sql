-- One batch of events. $1 meta jsonb, $2 bodies bytea, $3 token of the batch before, $4 own token.
-- Several batches may be on their way at once. One that follows a failed one does nothing and gives no
-- row, so that events stay in order: the session's setting is that of the last batch that committed.
SELECT api.ingest($1::jsonb, $2::bytea), set_config('capa.batch', $4::text, false)
WHERE coalesce(current_setting('capa.batch', true), '') = $3::text;
