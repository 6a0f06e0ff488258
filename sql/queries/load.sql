-- $1 kind (rules, policy, people), $2 sha256 in hex, $3 body as JSON, $4 who -> {"version","changed"}
SELECT api.load($1::text, $2::text, $3::jsonb, $4::text);
