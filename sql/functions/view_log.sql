-- The journal for people: one sentence a row. Bodies that were redacted say so.
CREATE OR REPLACE VIEW capa.log AS
SELECT j.seq, j.at, j.topic, j.open::jsonb ->> 'kind' AS kind, b.ref, b.nc, v.body ->> 'actor' AS actor,
       CASE WHEN b.body IS NULL THEN 'redacted'
            ELSE coalesce(v.body -> 'data' ->> 'sentence', capa.escalation_sentence(j.topic, v.body -> 'data'),
                          v.body -> 'data' ->> 'what', j.topic) END AS sentence
FROM capa.journal j JOIN capa.journal_body b USING (seq)
CROSS JOIN LATERAL (SELECT b.body::jsonb AS body OFFSET 0) v;
