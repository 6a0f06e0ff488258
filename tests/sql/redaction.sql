-- Redaction by two people, hold, and what stays: of an NC, of a piece of evidence, of an event and of a part of a fan-out; the
-- journal still verifies and the register still follows from it (PRODUCT "The journal"; SEMANTICS section 3).
\ir lib/send.psql
\ir method.sql
SELECT plan(84);
UPDATE capa.clock SET shift = '2026-01-30 12:00Z'::timestamptz - clock_timestamp();
SELECT test.rules() ->> 'version';
CREATE FUNCTION may(who text, method text, params jsonb) RETURNS jsonb LANGUAGE sql AS $$
  SELECT say(method, who, params, NULL, '{reporter,owner,approver,verifier,isms_manager,top_management}') $$;
CREATE FUNCTION text_of(word text) RETURNS bigint LANGUAGE sql AS $$
  -- in how many rows of register, journal, evidence and events a word occurs
  SELECT (SELECT count(*) FROM capa.journal_body b WHERE b.body LIKE '%' || word || '%' OR b.summary LIKE '%' || word || '%')
    + (SELECT count(*) FROM capa.register_table t, capa.rows_of_nc(t.name, 1) r WHERE r::text LIKE '%' || word || '%')
    + (SELECT count(*) FROM capa.evidence_body b WHERE position(convert_to(word, 'UTF8') IN b.body) > 0)
    + (SELECT count(*) FROM capa.event e WHERE e.body LIKE '%' || word || '%' OR e.subject LIKE '%' || word || '%')
$$;
CREATE FUNCTION last_redaction() RETURNS jsonb LANGUAGE sql AS $$
  SELECT b.body::jsonb -> 'data' FROM capa.journal j JOIN capa.journal_body b USING (seq) WHERE j.topic = 'evidence.redacted' ORDER BY seq DESC LIMIT 1 $$;

-- each text and JSON column of a table about NCs is classified
SELECT is((SELECT string_agg(t.name || '.' || a.attname, ' ' ORDER BY 1)
  FROM capa.register_table t JOIN pg_attribute a ON a.attrelid = format('capa.%I', t.name)::regclass AND a.attnum > 0 AND NOT a.attisdropped
  WHERE a.atttypid IN ('text'::regtype, 'jsonb'::regtype, 'text[]'::regtype) AND t.name NOT IN ('actor', 'loaded', 'seal', 'batch', 'rule_hold', 'silence')
    AND NOT EXISTS (SELECT FROM capa.free_text f WHERE f.tbl = t.name AND f.col = a.attname)), NULL, 'view free_text knows every text column about an NC');
SELECT is((SELECT string_agg(f.tbl || '.' || f.col, ' ') FROM capa.free_text f WHERE NOT EXISTS (
  SELECT FROM pg_attribute a WHERE a.attrelid = format('capa.%I', f.tbl)::regclass AND a.attname = f.col)), NULL, 'and no other');
SELECT is(capa.redacted_json('{"text":"Bob did it","why":["Bob"],"category":"people","hits":["NC-3"],"until":"2026-01-01","need":true,"deep":{"x":["secret",1]}}'),
  '{"text":"[redacted]","why":["[redacted]"],"category":"people","hits":["NC-3"],"until":"2026-01-01","need":true,"deep":{"x":["[redacted]",1]}}',
  'words go, references, dates, categories and numbers stay');

-- an NC with texts everywhere: SECRET
SELECT test.one('1', '{"grade":"major","body":"{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/t\",\"type\":\"backup.finished\",\"data\":\"SECRET\"}","sub":"SECRET"}') #>> '{results,0,nc}';
SELECT test.one('2', '{"grade":"major","body":"{\"specversion\":\"1.0\",\"id\":\"2\",\"source\":\"/t\",\"type\":\"backup.finished\",\"data\":\"SECRET again\"}"}') #>> '{results,0,nc}';
SELECT is(state('NC-1'), 'triaged', 'an NC');
SELECT do_('triage', 'anna', '{"nc":1,"statement":"SECRET statement"}');
SELECT do_('contain', 'anna', '{"nc":1,"text":"SECRET correction","consequences":"SECRET consequences","evidence":[{"name":"SECRET.txt","frame":0}]}', ARRAY['SECRET file'::bytea]);
SELECT do_('cause', 'anna', '{"nc":1,"text":"SECRET cause","category":"people","why":["SECRET why"]}');
SELECT do_('similar', 'anna', '{"nc":1,"elsewhere":"SECRET place"}');
SELECT do_('need', 'anna', '{"nc":1,"need":true,"reason":"SECRET reason"}');
SELECT do_('action.add', 'anna', '{"nc":1,"title":"SECRET action","owner":"carl","due":"30d","expect":"SECRET result"}');
SELECT do_('criterion', 'anna', '{"nc":1,"method":"manual","text":"SECRET criterion"}');
SELECT do_('approve', 'bert', '{"ref":"NC-1","text":"SECRET remark"}');
SELECT do_('note', 'anna', '{"ref":"NC-1","text":"SECRET note"}');
SELECT is(state('NC-1'), 'implementing', 'with an approved plan');
SELECT do_('raise', 'rita', '{"title":"another one","grade":"minor","owner":"anna","controls":"A.8.13","statement":"OTHER statement"}');
SELECT do_('evidence.add', 'anna', '{"ref":"NC-2","evidence":[{"name":"copy.txt","frame":0}]}', ARRAY['SECRET file'::bytea]);
SELECT cmp_ok(text_of('SECRET'), '>', 20::bigint, 'its words are in many places');
SELECT capa.seal() IS NOT NULL;
SELECT capa.append('system') IS NOT NULL;
CREATE TEMPORARY TABLE before AS SELECT n.*, (SELECT jsonb_agg(jsonb_build_array(d.kind, d.due_original, d.due, d.met_at) ORDER BY d.id) FROM capa.deadline d WHERE d.nc = 1) AS dates FROM capa.nc n WHERE id = 1;
CREATE TEMPORARY TABLE chain AS SELECT seq, open, digest, hash FROM capa.journal;

-- who may, and who may not
SELECT is(refusal('redact', 'rita', '{"ref":"NC-1","reason":"r"}', NULL, '{reporter}'), 'CA004 redact needs one of the roles owner, isms_manager, risk_owner, top_management; you have reporter.', 'a reporter does not ask');
SELECT matches(refusal('redact', 'anna', '{"ref":"NC-1"}'), '^CA003 redact needs "reason"', 'not without a reason');
SELECT matches(refusal('redact', 'anna', '{"ref":"CA-1","reason":"r"}'), '^CA003 "CA-1" is nothing that can be redacted', 'not an action');
SELECT matches(refusal('redact', 'anna', '{"ref":"NC-99","reason":"r"}'), '^CA002 There is no NC-99', 'nor what is not there');
SELECT matches(refusal('redact', 'anna', '{"ref":"EV-99","reason":"r"}'), '^CA002 There is no EV-99', 'nor evidence that is not there');
SELECT matches(refusal('redact', 'anna', '{"ref":"EVENT-99","reason":"r"}'), '^CA002 There is no event 99', 'nor such an event');
SELECT is(refusal('redact', 'anna', '{"ref":"1","reason":"r"}'), 'CA003 1 is both NC-1 and event 1.', 'digits that could be either are asked about');
SELECT is(say('hold', 'anna', '{"ref":"NC-1","reason":"a court asks"}') ->> 'state', 'implementing', 'hold');
SELECT is(say('show', 'anna', '{"ref":"NC-1"}') -> 'hold', '{"reason":"a court asks","by":"anna"}', 'is shown');
SELECT is(refusal('redact', 'anna', '{"ref":"NC-1","reason":"r"}'), 'CA001 NC-1 is under hold: nothing of it may be removed.', 'what is under hold is not redacted');
SELECT is(refusal('redact', 'anna', '{"ref":"EV-1","reason":"r"}'), 'CA001 NC-1 is under hold: nothing of it may be removed.', 'nor its evidence');
SELECT is(refusal('redact', 'anna', jsonb_build_object('ref', (SELECT 'EVENT-' || max(eventno) FROM capa.event), 'reason', 'r')), 'CA001 NC-1 is under hold: nothing of it may be removed.', 'nor its events');
SELECT matches(refusal('redact', 'anna', jsonb_build_object('ref', (SELECT 'EV-' || max(id) FROM capa.evidence), 'reason', 'r')), '^CA001 NC-1 is under hold', 'nor the same bytes at another NC');
SELECT is(refusal('hold', 'rita', '{"ref":"NC-1","reason":"x","end":true}', NULL, '{reporter,owner}'), 'CA004 hold needs one of the roles isms_manager, auditor, risk_owner, top_management; you have reporter, owner.', 'an owner does not end it');
SELECT do_('hold', 'bert', '{"ref":"NC-1","reason":"the court is done","end":true}');
SELECT is(say('show', 'anna', '{"ref":"NC-1"}') -> 'hold', 'null', 'ended');
SELECT is(refusal('hold', 'anna', '{"ref":"NC-1","reason":"x","end":true}'), 'CA001 NC-1 is not under hold.', 'once');

-- nothing happens without a second person
SELECT is(say('redact', 'anna', '{"ref":"NC-1","reason":"a person asked for it"}') #>> '{request,kind}', 'redaction', 'a request');
SELECT cmp_ok(text_of('SECRET'), '>', 20::bigint, 'nothing is gone yet');
SELECT matches(refusal('redact', 'anna', '{"ref":"NC-1","reason":"again"}'), '^CA001 The redaction of NC-1 waits for approval already', 'asked once');
SELECT matches(refusal('approve', 'anna', '{"ref":"NC-1"}'), '^CA001 You are an author of this request', 'nobody decides alone');
SELECT matches(refusal('approve', 'bert', '{"ref":"NC-1"}', NULL, '{approver}'), '^CA001 You have not the role isms_manager or top_management', 'not any approver');
SELECT do_('hold', 'bert', '{"ref":"NC-1","reason":"wait"}');
SELECT matches(refusal('approve', 'bert', '{"ref":"NC-1"}'), '^CA001 NC-1 is under hold', 'a hold in between refuses the approval');
SELECT do_('hold', 'bert', '{"ref":"NC-1","reason":"go on","end":true}');
SELECT do_('refuse', 'bert', '{"ref":"NC-1","reason":"not necessary"}');
SELECT cmp_ok(text_of('SECRET'), '>', 20::bigint, 'refused: nothing is gone');
SELECT do_('redact', 'anna', '{"ref":"NC-1","reason":"a person asked for it"}');
SELECT is((say('approve', 'bert', '{"ref":"NC-1"}') ->> 'state'), 'implementing', 'approved: its state stays');
SELECT is(text_of('SECRET'), 0::bigint, 'the words are gone everywhere');
SELECT is((SELECT row(grade, state, owner, controls, cycle, aware_at, raised_at, fingerprint)::text FROM capa.nc WHERE id = 1),
  (SELECT row(grade, state, owner, controls, cycle, aware_at, raised_at, fingerprint)::text FROM before), 'grade, state, owner, controls, dates stay');
SELECT is((SELECT jsonb_agg(jsonb_build_array(d.kind, d.due_original, d.due, d.met_at) ORDER BY d.id) FROM capa.deadline d WHERE d.nc = 1), (SELECT dates FROM before), 'and each deadline');
SELECT is((SELECT string_agg(title || ' ' || state, ',') FROM capa.action WHERE nc = 1), '[redacted] done,[redacted] open', 'and actions');
SELECT is((SELECT approval FROM capa.fact WHERE nc = 1), true, 'the approval is in force for the plan without its words');
SELECT is((SELECT count(*) FROM chain c JOIN capa.journal j USING (seq, open, digest, hash)), (SELECT count(*) FROM chain), 'the chain is untouched');
SELECT is((SELECT count(*) FROM capa.journal_check()), 0::bigint, 'and holds');
SELECT is((SELECT count(*) FROM capa.rebuild_check()), 0::bigint, 'the register follows from what the journal still says');
SELECT is((SELECT array_agg(s::bigint ORDER BY s::bigint) FROM jsonb_array_elements_text(last_redaction() -> 'rows') s), (SELECT array_agg(seq ORDER BY seq) FROM capa.journal_body WHERE body IS NULL), 'its row names each that lost its content');
SELECT is((last_redaction() - 'changes' - 'nc' - 'rows' - 'evidence' - 'sentence') @> '{"target":"NC-1","reason":"a person asked for it","asked_by":["anna"],"approved_by":"bert","events":2}', true, 'who, whom, why, how much');
SELECT is((SELECT count(*) FROM capa.journal_body WHERE body IS NULL AND nc IS DISTINCT FROM 1), 0::bigint, 'no row of another is touched');
SELECT is((SELECT bool_and(removed_why = 'redacted') FROM capa.evidence WHERE sha256 = encode(sha256('SECRET file'), 'hex')), true, 'the same bytes are gone at the other NC too');
SELECT is((SELECT count(*) FROM capa.journal j JOIN capa.journal_body b USING (seq) WHERE j.topic = 'evidence.redacted' AND b.nc = 2), 1::bigint, 'which its own log says');
SELECT is(say('show', 'anna', '{"ref":"NC-2"}') #>> '{statement,found}', 'OTHER statement', 'its texts stay');
SELECT is((SELECT count(*) FROM capa.event WHERE salt IS NULL AND body IS NULL AND digest IS NOT NULL), 2::bigint, 'of the events the digests stay');
SELECT is((SELECT bool_and(capa.merkle_proves(p.digest, p.path, decode(s.root, 'hex'))) FROM capa.event_proof p JOIN capa.seal s ON s.id = p.seal), true, 'and what proves them');
SELECT matches(refusal('evidence.get', 'anna', '{"id":"EV-1"}'), '^CA002 The bytes of EV-1 were removed on .* \(redacted\)', 'the bytes are asked for in vain');
SELECT is(jsonb_path_query_array(say('evidence.list', 'anna', '{"ref":"NC-1"}'), '$[*].removed_why'), '["redacted","redacted"]', 'the list says so');
SELECT matches(refusal('event', 'anna', '{"eventno":1}'), '^CA002 The bytes of event 1 were redacted', 'so does the event');
SELECT is(say('journal.read', 'anna', jsonb_build_object('after', (SELECT min(seq) - 1 FROM capa.journal_body WHERE body IS NULL), 'limit', 1)) #> '{messages,0,event}',
  (SELECT jsonb_build_object('specversion', '1.0', 'id', '1-' || seq, 'source', 'capad', 'type', 'org.capad.' || topic || '.v1', 'subject', 'NC-1', 'time', capa.rfc3339(at),
     'sequence', seq::text, 'previous', previous::text, 'epoch', '1', 'redacted', true) - CASE WHEN previous IS NULL THEN 'previous' ELSE '' END
   FROM capa.journal WHERE seq = (SELECT min(seq) FROM capa.journal_body WHERE body IS NULL)), 'who asks again gets the envelope');
SELECT is((SELECT count(*) FROM api.publish('p', 0, 1000) p WHERE p.body IS NULL), 0::bigint, 'so does a publisher');
SELECT is((SELECT count(*) FROM jsonb_array_elements(say('log', 'anna', '{"ref":"NC-1"}')) l WHERE l ->> 'sentence' = 'redacted') > 5, true, 'the log says redacted');

-- it lives on, and can be redacted again
SELECT do_('action.done', 'carl', '{"action":"CA-2","text":"SECRET2","evidence":[{"name":"x","frame":0}]}', ARRAY['SECRET2'::bytea]);
SELECT is(state('NC-1'), 'verifying', 'it goes on');
SELECT do_('redact', 'anna', '{"ref":"NC-1","reason":"another wish"}');
SELECT do_('approve', 'bert', '{"ref":"NC-1"}');
SELECT is(text_of('SECRET'), 0::bigint, 'a second redaction takes what came since');
SELECT is((SELECT array_agg(s::bigint ORDER BY s::bigint) FROM jsonb_array_elements_text(last_redaction() -> 'rows') s), (SELECT array_agg(seq ORDER BY seq) FROM capa.journal_body WHERE body IS NULL), 'its row names those of the first too, whose own row is among them');
SELECT is((SELECT count(*) FROM capa.journal_check()) + (SELECT count(*) FROM capa.rebuild_check()), 0::bigint, 'chain and register hold');

-- evidence alone
SELECT do_('evidence.add', 'anna', '{"ref":"NC-2","evidence":[{"name":"salaries.csv","frame":0},{"url":"https://example.org/x"}]}', ARRAY['PRIVATE'::bytea]);
SELECT matches(refusal('redact', 'anna', jsonb_build_object('ref', (SELECT 'EV-' || max(id) FROM capa.evidence), 'reason', 'r')), '^CA001 EV-\d+ is a link', 'a link has no bytes');
SELECT matches(say('redact', 'anna', jsonb_build_object('ref', (SELECT 'EV-' || id FROM capa.evidence WHERE name = 'salaries.csv'), 'reason', 'wrong file')) #>> '{warnings,0}', 'own texts stay', 'a file: the texts about it stay, and that is said');
SELECT is((may('bert', 'approvals', '{}') #>> '{0,command}') ~ '^capactl approve EV-\d+$', true, 'the command that approves it');
SELECT is((may('bert', 'approve', jsonb_build_object('ref', (SELECT 'EV-' || id FROM capa.evidence WHERE name = 'salaries.csv'))) ->> 'ref'), 'NC-2', 'approved');
SELECT is((SELECT count(*) FROM capa.evidence_body WHERE body = 'PRIVATE') + (SELECT jsonb_array_length(last_redaction() -> 'rows')), 0::bigint, 'the bytes are gone, no journal row is');
SELECT matches(refusal('redact', 'anna', jsonb_build_object('ref', (SELECT 'EV-' || id FROM capa.evidence WHERE name = 'salaries.csv'), 'reason', 'r')), '^CA001 The bytes of EV-\d+ are gone already', 'once is enough');

-- a part of a fan-out, and an event without an NC
SELECT test.send('[{"id":"f1","fp":"f1","frame":0,"body":"{\"a\":\"ALPHA\"}"},{"id":"f2","fp":"f2","frame":0,"body":"{\"b\":\"BETA\"}"}]', ARRAY['[{"a":"ALPHA"},{"b":"BETA"}]']) IS NOT NULL;
CREATE FUNCTION event_of(word text) RETURNS text LANGUAGE sql AS $$ SELECT 'EVENT-' || eventno FROM capa.evidence WHERE kind = 'event' AND capa.event_bytes(eventno) = convert_to(word, 'UTF8') $$;
CREATE TEMPORARY TABLE part AS SELECT event_of('{"a":"ALPHA"}') AS alpha, event_of('{"b":"BETA"}') AS beta;
SELECT do_('redact', 'anna', (SELECT jsonb_build_object('ref', alpha, 'reason', 'r') FROM part));
SELECT do_('approve', 'bert', (SELECT jsonb_build_object('ref', alpha) FROM part));
SELECT is((SELECT body FROM capa.event WHERE 'EVENT-' || eventno = (SELECT alpha FROM part)), '[             ,{"b":"BETA"}]', 'of a frame only the part is blanked');
SELECT is((SELECT capa.event_bytes(substr(beta, 7)::bigint) FROM part), '{"b":"BETA"}'::bytea, 'the other part is as received');
SELECT is((SELECT capa.event_bytes(substr(alpha, 7)::bigint) FROM part), NULL, 'the redacted one is not there');
SELECT do_('redact', 'anna', (SELECT jsonb_build_object('ref', beta, 'reason', 'r') FROM part));
SELECT do_('approve', 'bert', (SELECT jsonb_build_object('ref', beta) FROM part));
SELECT is((SELECT body FROM capa.event WHERE 'EVENT-' || eventno = (SELECT alpha FROM part)), NULL, 'with its last part the frame goes');
SELECT test.send('[{"id":"p1","fp":"nobody","effect":"pass","body":"{\"x\":\"LONELY\"}"}]') IS NOT NULL;
CREATE TEMPORARY TABLE lonely AS SELECT 'EVENT-' || max(eventno) AS ref FROM capa.event;
SELECT is((may('anna', 'redact', (SELECT jsonb_build_object('ref', ref, 'reason', 'r') FROM lonely)) #>> '{request,ref}'), (SELECT ref FROM lonely), 'an event that is nobody''s');
SELECT is((SELECT count(*) FROM jsonb_array_elements(may('bert', 'approvals', '{}')) a WHERE a ->> 'ref' = (SELECT ref FROM lonely)), 1::bigint, 'is among what waits');
SELECT is((may('bert', 'approve', (SELECT jsonb_build_object('ref', ref) FROM lonely)) ->> 'ref'), (SELECT ref FROM lonely), 'and is approved');
SELECT is((SELECT count(*) FROM capa.event WHERE body LIKE '%LONELY%'), 0::bigint, 'gone');
SELECT is((SELECT count(*) FROM capa.journal_check()) + (SELECT count(*) FROM capa.rebuild_check()), 0::bigint, 'chain and register hold to the end');
-- what one row told of two: merging, a batch, a follow-up, dates from outside; and an NC whose events go with their month
SELECT do_('raise', 'rita', '{"title":"MERGED words","grade":"minor","owner":"anna","controls":"A.5.1","statement":"MERGED words"}');
SELECT do_('raise', 'rita', '{"title":"target","grade":"minor","owner":"anna","controls":"A.5.1","statement":"TARGET words"}');
CREATE TEMPORARY TABLE pair AS SELECT max(id) FILTER (WHERE title = 'MERGED words') AS gone, max(id) FILTER (WHERE title = 'target') AS into_ FROM capa.nc;
SELECT do_('follow_up.add', 'anna', (SELECT jsonb_build_object('ref', 'NC-' || gone, 'kind', 'manual', 'every', '30d', 'for', '6mo', 'owner', 'carl', 'title', 'MERGED check') FROM pair));
SELECT do_('deadline.add', 'anna', (SELECT jsonb_build_object('nc', gone, 'label', 'answer', 'due', '20d', 'issuer', 'the authority') FROM pair));
SELECT do_('merge', 'anna', (SELECT jsonb_build_object('nc', gone, 'into', into_, 'reason', 'MERGED because') FROM pair));
SELECT is((SELECT state FROM capa.nc, pair WHERE id = gone), 'merged', 'one is merged into another');
SELECT is((SELECT say('redact', 'anna', jsonb_build_object('ref', 'NC-' || gone, 'reason', 'r')) #>> '{warnings,0}' FROM pair),
  (SELECT format('NC-%s is named in what is recorded of NC-%s, whose texts stay: look whether they repeat what must go.', gone, into_) FROM pair), 'where its texts may stand too is said');
SELECT do_('approve', 'bert', (SELECT jsonb_build_object('ref', 'NC-' || gone, 'what', 'redaction') FROM pair));
SELECT is((SELECT count(*) FROM capa.journal_body, pair WHERE body LIKE '%MERGED%' AND nc <> into_) + (SELECT count(*) FROM pair, capa.register_table t, capa.rows_of_nc(t.name, gone) r WHERE r::text LIKE '%MERGED%'), 0::bigint, 'its words are gone, but for the reason in the log of the other one');
SELECT is((SELECT found FROM capa.nc, pair WHERE id = into_), 'TARGET words', 'those of the other one stay');
SELECT is((SELECT count(*) FROM capa.journal_check()) + (SELECT count(*) FROM capa.rebuild_check()), 0::bigint, 'chain and register hold');
SELECT do_('raise', 'rita', jsonb_build_object('title', 'wrong ' || i, 'grade', 'minor', 'owner', 'anna', 'controls', 'A.5.1', 'statement', 'BATCH' || i)) FROM generate_series(1, 3) i;
CREATE TEMPORARY TABLE wrong AS SELECT min(id) AS first, array_agg(id ORDER BY id) AS ids FROM capa.nc WHERE title LIKE 'wrong %';
SELECT do_('reject', 'anna', (SELECT jsonb_build_object('nc', to_jsonb(ids), 'batch', true, 'reason', 'a wrong rule') FROM wrong));
SELECT do_('approve', 'bert', '{"ref":"B-1"}');
SELECT is((SELECT count(*) FROM capa.nc, wrong WHERE id = ANY (ids) AND state = 'rejected'), 3::bigint, 'three are rejected as a batch');
SELECT do_('redact', 'anna', (SELECT jsonb_build_object('ref', 'NC-' || first, 'reason', 'r') FROM wrong));
SELECT do_('approve', 'bert', (SELECT jsonb_build_object('ref', 'NC-' || first, 'what', 'redaction') FROM wrong));
SELECT is((SELECT string_agg(found, ' ' ORDER BY id) FROM capa.nc, wrong WHERE id = ANY (ids)), '[redacted] BATCH2 BATCH3', 'of one of them the words are gone');
SELECT is((SELECT count(*) FROM capa.journal_body WHERE body LIKE '%BATCH1%'), 0::bigint, 'in the journal too');
SELECT is((SELECT count(*) FROM capa.journal_check()) + (SELECT count(*) FROM capa.rebuild_check()), 0::bigint, 'chain and register hold');
SELECT is((SELECT string_agg(x ->> 'seq', ' ') FROM wrong, jsonb_array_elements((api.dossier('{"roles":["auditor"]}', 'x', jsonb_build_object('nc', ids[2], 'after', 0), NULL) -> 'opened')::jsonb) x
  WHERE x ->> 'body' LIKE '%BATCH3%'), NULL, 'what a row tells of another one is in no dossier of the one');
SELECT do_('undo', 'carl', '{"ref":"B-1","reason":"the rule was right"}');
SELECT is((SELECT count(*) FROM capa.journal_check()) + (SELECT count(*) FROM capa.rebuild_check()), 0::bigint, 'and after the batch was undone');
UPDATE capa.clock SET shift = shift + interval '200 days';
SELECT api.tick() IS NOT NULL;
SELECT is((SELECT count(*) FROM capa.event), 0::bigint, 'redacted events go with their month like others');
SELECT is((SELECT count(*) FROM capa.journal_check()) + (SELECT count(*) FROM capa.rebuild_check()), 0::bigint, 'chain and register hold to the end');
SELECT * FROM finish();
