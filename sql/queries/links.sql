-- $1 daemon's name, $2 its subscriptions' links as api.links takes them -> nothing
SELECT api.links($1::text, $2::jsonb);
