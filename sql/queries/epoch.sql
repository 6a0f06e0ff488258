-- $1 seq and $2 hash (hex) of the journal row that this daemon saw last (both null: only ask), $3 reason of a new epoch by
-- hand or null -> {"epoch","known","journal":{"seq","hash"}}
SELECT api.epoch($1::bigint, $2::text, $3::text);
