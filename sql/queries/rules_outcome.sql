-- Method rules.outcome: $1 principal jsonb, $2 actor text, $3 params jsonb, $4 files bytea[]; its result as json text (METHODS.md).
SELECT api.rules_outcome($1::jsonb, $2::text, $3::jsonb, $4::bytea[])::text;
