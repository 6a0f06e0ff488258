-- The states, the ways between them, and the guards, as rows: capa.advance, capa.missing, `show`, documents and
-- tests read these rows and nothing else (PRODUCT "States"; SEMANTICS section 6 "Mechanism").

-- place: order on the main line; null = left by a decision only. Closed has a place and is left by a decision too.
CREATE TABLE capa.state (name text PRIMARY KEY, place int UNIQUE, sentence text NOT NULL);
INSERT INTO capa.state VALUES
  ('raised',       1, 'reported; nobody has looked at it yet'),
  ('triaged',      2, 'graded, owned and stated'),
  ('contained',    3, 'corrected, and its consequences dealt with'),
  ('analysed',     4, 'causes known, similar ones looked for, need for action decided'),
  ('planned',      5, 'actions and the criterion of their effectiveness are fixed'),
  ('implementing', 6, 'the plan may be carried out'),
  ('verifying',    7, 'actions are done; their effectiveness is being proved'),
  ('closed',       8, 'done'),
  ('rejected',  NULL, 'not a nonconformity'),
  ('merged',    NULL, 'treated under another reference'),
  ('accepted',  NULL, 'left as it is until a date, by the risk owner''s decision');

-- Which ways there are, and by whom: facts (capa.advance), decision (a person's command), event.
CREATE TABLE capa.transition (
  from_state text NOT NULL REFERENCES capa.state,
  into_state text NOT NULL REFERENCES capa.state,
  how        text NOT NULL CHECK (how IN ('facts', 'decision', 'event')),
  reason     text NOT NULL,
  PRIMARY KEY (from_state, into_state, how)
);
INSERT INTO capa.transition
  SELECT a.name, b.name, 'facts',
         CASE WHEN b.place > a.place THEN 'every guard up to here holds' ELSE 'a fact no longer holds' END
  FROM capa.state a, capa.state b
  WHERE a.place < 8 AND b.place <= 8 AND a.place <> b.place;
INSERT INTO capa.transition VALUES
  ('verifying', 'contained', 'decision', 'the verdict was partial or not effective: a new cycle'),
  ('verifying', 'triaged',   'event',    'it recurred before it was proved: a new cycle'),
  ('closed',    'triaged',   'event',    'it recurred after closing: a new cycle'),
  ('closed',    'triaged',   'decision', 'reopened: a new cycle'),
  ('closed',    'contained', 'decision', 'its short closing was refused: the need is open again'),
  ('rejected',  'triaged',   'decision', 'reopened: a new cycle'),
  ('rejected',  'raised',    'decision', 'reopened before it was ever triaged: a new cycle');
INSERT INTO capa.transition
  SELECT name, 'rejected', 'decision', 'rejected with a reason' FROM capa.state WHERE place < 8;

-- What a grade needs to come into a state. `way` short: from analysed straight to closed. `place` orders the
-- sentences of one step. In sentence and command: {ref} the NC, {detail} what capa.detail says of the fact,
-- {action} the action it concerns, {grade} its grade. An empty command: only time can do it.
CREATE TABLE capa.guard (
  into_state text NOT NULL REFERENCES capa.state,
  way        text NOT NULL CHECK (way IN ('main', 'short')),
  grade      text NOT NULL,
  fact       text NOT NULL,         -- a column of view capa.fact
  place      int NOT NULL,
  sentence   text NOT NULL,
  command    text NOT NULL,
  PRIMARY KEY (into_state, way, grade, fact)
);
INSERT INTO capa.guard
SELECT g.into_state, g.way, grade, g.fact, row_number() OVER (PARTITION BY g.into_state, g.way, grade ORDER BY g.no)::int,
       g.sentence, g.command
FROM (VALUES
  (1, 'triaged', 'main', 'critical major minor observation ofi', 'triage', 'nobody has triaged it: {detail}', 'capactl triage {ref} --grade {grade}'),
  (2, 'triaged', 'main', 'critical major minor observation ofi', 'owner', 'it has no owner', 'capactl assign {ref} --owner NAME'),
  (3, 'triaged', 'main', 'critical major minor observation ofi', 'requirement', 'no requirement and no control is named', 'capactl triage {ref} --control A.8.13'),
  (4, 'triaged', 'main', 'critical major minor observation ofi', 'statement', 'it is not stated what was found', 'capactl triage {ref} --statement TEXT'),

  (10, 'contained', 'main', 'critical major minor', 'correction', 'no correction is recorded, nor why none applies', 'capactl contain {ref} TEXT --evidence FILE'),
  (11, 'contained', 'main', 'critical major minor', 'correction_evidence', 'the correction {action} has no evidence', 'capactl evidence add {action} FILE'),
  (12, 'contained', 'main', 'critical major minor', 'consequences', 'the consequences are not recorded', 'capactl contain {ref} --consequences TEXT'),

  (20, 'analysed', 'main', 'critical major minor', 'cause', 'no cause is recorded', 'capactl cause {ref} TEXT --category process'),
  (21, 'analysed', 'main', 'critical major minor', 'similar', 'similar nonconformities have not been looked for', 'capactl similar {ref}'),
  (22, 'analysed', 'main', 'critical major minor', 'elsewhere', 'it is not answered whether this could occur elsewhere', 'capactl similar {ref} --elsewhere no'),
  (23, 'analysed', 'main', 'critical major minor', 'conclusion', 'similar ones were found ({detail}) and nothing is concluded from them', 'capactl similar {ref} --conclude TEXT'),
  (24, 'analysed', 'main', 'critical major minor observation ofi', 'need', 'the need for action is not decided', 'capactl need {ref} yes REASON'),

  (30, 'planned', 'main', 'minor observation ofi', 'need_yes', 'no action was found necessary, but the short way to closing is not open: {detail}', 'capactl need {ref} yes REASON'),
  (31, 'planned', 'main', 'critical major minor', 'action', 'no corrective action is linked to a cause of this cycle', 'capactl action add {ref} TITLE --owner NAME --due 30d --expect RESULT'),
  (32, 'planned', 'main', 'observation ofi', 'action_any', 'no action is planned', 'capactl action add {ref} TITLE --owner NAME --due 30d'),
  (33, 'planned', 'main', 'critical major minor observation ofi', 'action_owner', '{action} has no owner', 'capactl assign {action} --owner NAME'),
  (34, 'planned', 'main', 'critical major minor observation ofi', 'action_due', '{action} has no due date', 'capactl action change {action} --due 30d'),
  (35, 'planned', 'main', 'critical major minor', 'expected', '{action} does not say what result is expected', 'capactl action change {action} --expect RESULT'),
  (36, 'planned', 'main', 'critical major minor', 'criterion', 'it is not fixed how effectiveness will be judged', 'capactl criterion {ref} --method manual --text TEXT'),

  (40, 'implementing', 'main', 'critical major minor', 'approval', 'the plan waits for approval by another person than {detail}', 'capactl approve {ref}'),

  (50, 'verifying', 'main', 'critical major minor observation ofi', 'actions_ended', '{action} is still to be done', 'capactl action done {action} --evidence FILE'),
  (51, 'verifying', 'main', 'critical major minor observation ofi', 'action_done', 'no action has been done: all were cancelled', 'capactl action add {ref} TITLE --owner NAME --due 30d --expect RESULT'),
  (52, 'verifying', 'main', 'critical major minor observation ofi', 'action_evidence', '{action} is done without evidence', 'capactl evidence add {action} FILE'),

  (60, 'closed', 'main', 'critical major minor', 'no_fail', 'it failed again after the last action was done', 'capactl verify {ref} not_effective TEXT'),
  (61, 'closed', 'main', 'critical major minor', 'window', 'the window is open until {detail}', ''),
  (62, 'closed', 'main', 'critical major minor', 'passes', 'passes so far: {detail}', ''),
  (63, 'closed', 'main', 'critical major', 'verdict', 'nobody independent has judged whether the actions were effective', 'capactl verify {ref} effective TEXT'),
  (64, 'closed', 'main', 'minor', 'verdict_or_proof', 'nobody independent has judged whether the actions were effective', 'capactl verify {ref} effective TEXT'),
  (65, 'closed', 'main', 'ofi', 'benefit', 'its benefit is not shown', 'capactl verify {ref} effective TEXT --evidence FILE'),
  (66, 'closed', 'main', 'critical major minor', 'isms', 'it is not decided whether the ISMS must change', 'capactl isms {ref} none'),
  (67, 'closed', 'main', 'critical major minor', 'risk', 'it is not decided whether a risk must be updated', 'capactl risk {ref} none'),

  (70, 'closed', 'short', 'minor observation ofi', 'need_no', 'the need for action is not decided as no', 'capactl need {ref} no REASON'),
  (71, 'closed', 'short', 'minor observation ofi', 'short_open', 'the short way is barred in this cycle: it came again after a closing without action', 'capactl need {ref} yes REASON'),
  (72, 'closed', 'short', 'minor observation ofi', 'nothing_open', '{action} is still open', 'capactl action cancel {action} --reason TEXT'),
  (73, 'closed', 'short', 'minor', 'isms', 'it is not decided whether the ISMS must change', 'capactl isms {ref} none'),
  (74, 'closed', 'short', 'minor', 'risk', 'it is not decided whether a risk must be updated', 'capactl risk {ref} none')
) AS g(no, into_state, way, grades, fact, sentence, command), string_to_table(g.grades, ' ') AS grade;
