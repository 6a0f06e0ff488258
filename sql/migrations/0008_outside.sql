-- Findings of others, and NCs that not everybody may read. A finding that somebody outside issued closes with that one's
-- acceptance only, never by the short way; a plan that its issuer refused, or has set a date for, waits for that one too.
CREATE INDEX nc_restricted ON capa.nc (id) WHERE restricted;

INSERT INTO capa.guard (into_state, way, grade, fact, place, sentence, command)
SELECT g.into_state, g.way, grade, g.fact, g.place, g.sentence, g.command
FROM (VALUES
  ('implementing', 'main', 'critical major minor observation ofi', 'external_plan', 45, '{detail}', 'capactl external {ref} plan accepted TEXT'),
  ('closed', 'main', 'critical major minor observation ofi', 'external_closing', 90, '{detail} has not accepted the closing', 'capactl external {ref} closing accepted TEXT --evidence FILE'),
  ('closed', 'short', 'minor observation ofi', 'internal', 90, 'it is a finding of {detail}, which no short way closes', 'capactl need {ref} yes REASON')
) AS g(into_state, way, grades, fact, place, sentence, command), string_to_table(g.grades, ' ') AS grade;

UPDATE capa.transition SET reason = 'the verdict was partial or not effective, or its issuer refused the closing: a new cycle'
WHERE from_state = 'verifying' AND into_state = 'contained' AND how = 'decision';
