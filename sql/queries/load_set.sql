-- $1 [{"kind","sha256","body"}] policy, settings, people and rules as JSON, $2 who -> [{"kind","version","changed"}]
SELECT api.load_set($1::jsonb, $2::text);
