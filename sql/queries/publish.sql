-- $1 publisher's name, $2 last seq sent or null (then: the publisher's place), $3 most rows -> rows (topic, seq, body)
SELECT topic, seq, body FROM api.publish($1::text, $2::bigint, $3::int);
