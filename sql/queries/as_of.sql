-- A reading method as of a moment: $1 method, $2 principal jsonb, $3 actor text, $4 params jsonb (with as_of); its result as json text.
SELECT api.as_of($1::text, $2::jsonb, $3::text, $4::jsonb)::text;
