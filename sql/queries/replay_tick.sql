-- A tick of a replay: $1 moment in µs -> {"expectations","next"}
SELECT api.replay_tick($1::bigint);
