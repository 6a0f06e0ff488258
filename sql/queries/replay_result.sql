-- What came of a replay: $1 principal jsonb, $2 actor text, $3 what its caller counted, jsonb; as json text.
SELECT api.replay_result($1::jsonb, $2::text, $3::jsonb)::text;
