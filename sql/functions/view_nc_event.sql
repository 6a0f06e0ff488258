-- Every event of every NC, whether it is the event's first NC or a further one. To be read by nc and effect
-- ('f' fail, 'p' pass), newest eventno first: indexes stand behind both halves.
CREATE OR REPLACE VIEW capa.nc_event AS
SELECT eventno, received, observed, nc, effect, outcome FROM capa.event WHERE nc IS NOT NULL
UNION ALL
SELECT eventno, received, observed, nc, effect, outcome FROM capa.event_nc;
