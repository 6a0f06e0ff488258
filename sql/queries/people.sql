-- people: $1 principal, $2 actor, $3 params, $4 files -> its result (METHODS.md)
SELECT api.people($1::jsonb, $2::text, $3::jsonb, $4::bytea[]);
