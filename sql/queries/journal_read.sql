-- $1 principal, $2 actor, $3 params {"after","topics","limit"}, $4 files (none) -> {"epoch","messages","next","head"}
SELECT api.journal_read($1::jsonb, $2::text, $3::jsonb, $4::bytea[]);
