-- One batch of a replay: $1 moment in µs, $2 meta jsonb, $3 bodies bytea, $4 event by event; gives when a tick is due, in µs.
SELECT api.replay_ingest($1::bigint, $2::jsonb, $3::bytea, $4::boolean);
