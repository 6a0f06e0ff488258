-- What a replay plays next: $1 principal jsonb, $2 actor text, $3 "next" of the page before; as json text.
SELECT api.replay_page($1::jsonb, $2::text, $3::text)::text;
