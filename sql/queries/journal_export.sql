-- $1 principal, $2 actor, $3 params {"after","limit"}, $4 files (none) -> {"lines":[...],"next","head","hash"}
SELECT api.journal_export($1::jsonb, $2::text, $3::jsonb, $4::bytea[]);
