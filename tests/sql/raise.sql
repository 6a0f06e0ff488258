-- Reporting in full: where a finding comes from, who issued it, what it is against down to the letter, dates that came with it,
-- labels; and what lists make of it.
\ir method.sql
SELECT plan(65);
SELECT clock_to('2026-01-05 09:00Z');

-- one spelling
SELECT is(capa.requirement_spelling(given), wanted, given || ' is ' || wanted) FROM (VALUES
  ('a.8.13', 'A.8.13'), ('A 8.13', 'A.8.13'), ('Annex A.8.13', 'A.8.13'), ('A.12.3.1', 'A.12.3.1'),
  ('iso/iec 27001:2022 10.2 d', 'ISO/IEC 27001:2022 10.2 d'), ('ISO 27001:2022, clause 10.2d)', 'ISO/IEC 27001:2022 10.2 d'),
  ('27001 10.2 b) 3', 'ISO/IEC 27001 10.2 b 3'), ('ISO/IEC 27001:2013 a.12.3.1', 'ISO/IEC 27001:2013 A.12.3.1'),
  ('10.2(D)', '10.2 d'), ('9.2.2', '9.2.2'), ('NIS2 21(2)(c)', 'NIS2 21(2)(c)'), ('nis 2 Art. 21 (2) c', 'NIS2 21(2)(c)'),
  ('NIS-2 23', 'NIS2 23'), ('  our own   rule 7 ', 'our own rule 7'), ('Backups are made each night', 'Backups are made each night'),
  ('CIS 11.2', 'CIS 11.2'), ('ISO 9001 10.2', 'ISO 9001 10.2')) AS v(given, wanted);
SELECT is(capa.requirement_key(given), wanted, 'key of ' || given) FROM (VALUES
  ('ISO/IEC 27001:2022 10.2 d', '10/2/d'), ('10.2', '10/2'), ('a.8.13', 'a/8/13'), ('NIS2 21(2)(c)', 'nis2/21/2/c')) AS v(given, wanted);

SELECT do_('raise', 'rita', '{"title":"Backups not restored","grade":"major","owner":"anna","statement":"s","source_kind":"external_audit","issuer":"TUV",
  "external_ref":"2026-17","requirement":["iso 27001:2022 10.2 d","NIS2 art 21(2)(c)"],"controls":["a.8.13","A.8.13","own-1"],"labels":{"site":"berlin","floor":3}}');
SELECT is((SELECT row(issuer, external_ref, requirement, controls, labels)::text FROM capa.nc WHERE id = 1),
  $$(TUV,2026-17,"ISO/IEC 27001:2022 10.2 d; NIS2 21(2)(c)","{A.8.13,own-1}","{""site"": ""berlin"", ""floor"": ""3""}")$$, 'all of it, in one spelling');
SELECT do_('raise', 'rita', '{"title":"Logs","grade":"minor","owner":"anna","statement":"s","controls":"A.8.15","requirement":"10.21 of our manual"}');
SELECT is((SELECT string_agg(n ->> 'ref', ' ' ORDER BY n ->> 'ref') FROM jsonb_array_elements(say('list', 'anna', jsonb_build_object('control', given))) n), wanted,
  'list --control ' || given) FROM (VALUES ('a.8.13', 'NC-1'), ('A.8', 'NC-1 NC-2'), ('A.8.1', NULL), ('10.2', 'NC-1'), ('10.2 d', 'NC-1'), ('10.2 e', NULL),
  ('ISO/IEC 27001 10.2', 'NC-1'), ('NIS2 21', 'NC-1'), ('nis2 21(2)(c)', 'NC-1'), ('OWN-1', 'NC-1')) AS v(given, wanted);
SELECT do_('triage', 'anna', '{"nc":2,"controls":["a.8.16"],"requirement":"27001 8.1"}');
SELECT is((SELECT row(controls, requirement)::text FROM capa.nc WHERE id = 2), '({A.8.16},"ISO/IEC 27001 8.1")', 'triage spells the same');

-- all sources
SELECT is(say('raise', 'rita', jsonb_build_object('title', 't', 'source_kind', kind)) -> 'nc' ->> 'source_kind', kind, 'from ' || kind)
  FROM unnest('{monitoring,internal_audit,external_audit,incident,complaint,supplier,authority,management_review,risk_assessment,objective,test,self_report}'::text[]) kind;
SELECT matches(refusal('raise', 'rita', '{"title":"t","source_kind":"rumour"}'), '^CA003 ', 'and no other');

-- dates that came with it
SELECT is(say('raise', 'rita', '{"title":"From the customer","grade":"minor","owner":"anna","controls":"A.5.1","source_kind":"complaint","issuer":"ACME",
  "due":{"plan":"2026-01-20","Corrective action plan":"2026-01-15"}}') ->> 'ref', 'NC-15', 'raised with two dates');
SELECT is((SELECT string_agg(coalesce(label, kind) || ' ' || due::date || ' ' || due_original::date || ' ' || tightened, ', ' ORDER BY due) FROM capa.deadline
           WHERE nc = 15 AND (kind = 'plan' OR label IS NOT NULL)),
  'corrective_action_plan 2026-01-15 2026-01-15 false, plan 2026-01-20 2026-03-06 true', 'one of its own, and the phase drawn forward from the policy''s');
SELECT is((SELECT source FROM capa.obligation WHERE nc = 15), 'ACME', 'set by the issuer');
SELECT is(say('raise', 'rita', '{"title":"later","grade":"minor","due":{"plan":"2026-12-31"}}') -> 'warnings' ->> 0,
  'plan stays due 2026-03-06T17:00:00.000000Z, as the policy asks; the date from outside is noted', 'never later than the policy');
SELECT is((SELECT d.due::date || ' ' || (r.value ->> 'due') FROM capa.nc n JOIN capa.deadline d ON d.nc = n.id AND d.kind = 'plan'
           JOIN capa.record r ON r.nc = n.id AND r.fact = 'issuer_date_plan' WHERE n.title = 'later'),
  '2026-03-06 2026-12-31T17:00:00.000000Z', 'the policy''s date holds, the other one is recorded');
SELECT matches(refusal('deadline.add', 'anna', jsonb_build_object('nc', (SELECT id FROM capa.nc WHERE title = 'later'), 'label', 'plan', 'due', '2027-01-31')),
  '^CA001 plan of NC-\d+ is due 2026-12-31T17:00:00.000000Z already; 2027-01-31T17:00:00.000000Z is no earlier date.$', 'what was set is not set later');
SELECT matches(refusal('raise', 'rita', '{"title":"t","due":{"answer":"2026-01-02"}}'), '^CA001 answer is to be due .* which has passed', 'nor in the past');
SELECT matches(refusal('raise', 'rita', '{"title":"t","due":{"answer":"soon"}}'), '^CA003 "answer" is no moment', 'nor without a moment');
SELECT matches(refusal('raise', 'rita', '{"title":"t","due":{"verify":"2026-02-02"}}'), '^CA003 "verify" is a deadline of capad', 'nor what nobody outside sets');
SELECT matches(refusal('raise', 'rita', '{"title":"t","due":{"nis2_final_report":"2026-02-02"}}'), '^CA001 .* is a date of the law', 'nor the law''s');
SELECT matches(refusal('raise', 'rita', '{"title":"t","due":"2026-02-02"}'), '^CA003 "due" must be an object', 'nor without a label');
SELECT matches(refusal('raise', 'rita', '{"title":"t","due":{"contain":"2026-01-09"},"grade":"ofi"}'), '^CA001 NC-\d+ has no contain deadline', 'nor of a phase that the grade has not');
-- durations, as the daemon gives them
SELECT is(api.raise('{"name":"rita","roles":["reporter"]}', 'rita', '{"title":"d","due":{"answer":"14d"},"spans":{"due/answer":{"mo":0,"d":14,"bd":0,"s":0}}}')::jsonb
  -> 'nc' ->> 'title', 'd', 'raised with a duration');
SELECT is((SELECT max(due) FROM capa.obligation WHERE label = 'answer'), '2026-01-19 17:00Z'::timestamptz, 'which is from now');
-- labels
SELECT matches(refusal('raise', 'rita', '{"title":"t","labels":{"a b":"c"}}'), '^CA003 The label "a b" is none', 'a label''s name has no blank');
SELECT do_('label', 'anna', '{"nc":1,"labels":{"site":"bonn"},"remove":["floor"]}');
SELECT is((SELECT labels FROM capa.nc WHERE id = 1), '{"site":"bonn"}', 'labels are set and taken off');
SELECT matches(refusal('label', 'anna', '{"nc":1,"remove":"floor"}'), '^CA001 NC-1 has no label "floor"', 'those that are there');
SELECT matches(refusal('label', 'anna', '{"nc":1}'), '^CA003 label was given nothing', 'nothing is not enough');
SELECT is((SELECT count(*) FROM jsonb_array_elements(say('list', 'anna', '{"label":"site=bonn"}'))), 1::bigint, 'and found by');
SELECT * FROM finish();
