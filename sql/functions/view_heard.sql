-- What was heard, by source, type and what became of it: the tallies, and the events not rolled up yet.
CREATE OR REPLACE VIEW capa.heard AS
SELECT source, type, status, n, first_at, last_at FROM capa.tally
UNION ALL
SELECT source, type, 'stored', count(*), min(received), max(received)
FROM capa.event WHERE eventno > capa.rollup_upto() GROUP BY source, type;
