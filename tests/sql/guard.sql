-- Each guard from both sides, generated from capa.guard: with every fact recorded but this one an NC of this grade
-- does not come into the state, and its absence is named (but for facts hidden behind one they hang on); once the fact is there it moves.
\ir method.sql
DO $$ BEGIN
  PERFORM load_policy(jsonb_build_object('policies', jsonb_build_object('default',
    (default_policy() -> 'policies' -> 'default') || jsonb_build_object('minor',
      (default_policy() -> 'policies' -> 'default' -> 'minor') || '{"approval":true}'))));
END $$;
SELECT clock_to('2026-01-05 09:00Z');

CREATE FUNCTION link() RETURNS jsonb LANGUAGE sql AS $$ SELECT '[{"url":"https://wiki.example.org/x"}]'::jsonb $$;
-- A register row put as it is, past what the methods refuse: the guard itself is asked, not its doorkeeper.
CREATE FUNCTION put_(tbl text, row_ jsonb, nc_ int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM capa.put(tbl, row_);
  PERFORM capa.tell('nc.changed', 'test', 'NC-' || nc_, nc_, '{}');
  PERFORM capa.advance(nc_, 'test');
  PERFORM capa.append('system');
END $$;

-- Records all that a step of a grade needs, but for one fact. Returns the NC.
CREATE FUNCTION lay(into_ text, way_ text, grade_ text, omit text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  nc text;
  id_ int;
  ca text;
  n capa.nc;
BEGIN
  -- raised by a rule or by hand, with what triage needs but for the omitted
  nc := by_rule(jsonb_strip_nulls(jsonb_build_object('grade', grade_, 'rule', 'rule-' || gen_random_uuid(),
    'issuer', CASE WHEN omit IN ('external_plan', 'external_closing', 'internal') THEN 'TUV' END)));
  id_ := substr(nc, 4)::int;
  IF into_ = 'triaged' THEN
    SELECT * INTO n FROM capa.nc WHERE id = id_;
    n.state := 'raised';
    CASE omit WHEN 'triage' THEN n.triaged := false; n.grade_decided := false;
      WHEN 'owner' THEN n.owner := NULL;
      WHEN 'requirement' THEN n.requirement := NULL; n.controls := '{}';
      WHEN 'statement' THEN n.found := NULL; END CASE;
    PERFORM put_('nc', to_jsonb(n), id_);
    RETURN nc;
  END IF;
  IF omit = 'conclusion' THEN
    PERFORM by_rule(jsonb_build_object('rule', (SELECT rule FROM capa.nc WHERE id = id_), 'asset', 'other'));
  END IF;
  -- contained
  IF omit <> 'correction' THEN
    PERFORM say('contain', 'anna', jsonb_build_object('nc', nc, 'text', 'did it')
      || CASE WHEN omit = 'correction_evidence' THEN '{}' ELSE jsonb_build_object('evidence', link()) END);
  END IF;
  IF omit <> 'consequences' THEN
    PERFORM say('contain', 'anna', jsonb_build_object('nc', nc, 'consequences', 'none'));
  END IF;
  -- analysed
  IF omit <> 'cause' THEN
    PERFORM say('cause', 'anna', jsonb_build_object('nc', nc, 'text', 'why', 'category', 'process'));
  ELSE
    PERFORM say('similar', 'anna', jsonb_build_object('nc', nc));
  END IF;
  IF omit = 'similar' THEN
    PERFORM say('retract', 'anna', jsonb_build_object('ref', nc, 'fact', 'similar', 'reason', 'test'));
  END IF;
  IF omit <> 'elsewhere' THEN
    PERFORM say('similar', 'anna', jsonb_build_object('nc', nc, 'elsewhere', 'no'));
  END IF;
  IF omit NOT IN ('conclusion', 'similar') AND jsonb_array_length(capa.record_of(id_, 1, 'similar') -> 'hits') > 0 THEN
    PERFORM say('similar', 'anna', jsonb_build_object('nc', nc, 'conclude', 'not the same'));
  END IF;
  IF omit IN ('need_yes', 'short_open') THEN
    PERFORM put_('cycle', (SELECT to_jsonb(c) || '{"short_barred":true}' FROM capa.cycle c WHERE c.nc = id_), id_);
  END IF;
  IF way_ = 'short' OR omit = 'nothing_open' THEN
    FOREACH ca IN ARRAY ARRAY['isms', 'risk'] LOOP
      CONTINUE WHEN omit = ca;
      PERFORM say(ca, 'anna', jsonb_build_object('nc', nc, ca, 'none'));
    END LOOP;
    IF omit = 'nothing_open' THEN
      PERFORM say('action.add', 'anna', jsonb_build_object('nc', nc, 'title', 'open', 'owner', 'bob', 'due', '20d', 'expect', 'e'));
    END IF;
    PERFORM say('need', 'ina', jsonb_build_object('nc', nc, 'need', omit = 'need_no', 'reason', 'r'));
    RETURN nc;
  END IF;
  IF omit <> 'need' THEN
    PERFORM say('need', 'anna', jsonb_build_object('nc', nc, 'need', omit <> 'need_yes', 'reason', 'r'));
  END IF;
  -- planned
  IF omit NOT IN ('action', 'action_any') THEN
    ca := say('action.add', 'anna', jsonb_strip_nulls(jsonb_build_object('nc', nc, 'title', 'act',
      'owner', CASE WHEN omit <> 'action_owner' THEN 'bob' END, 'due', CASE WHEN omit <> 'action_due' THEN '20d' END,
      'expect', CASE WHEN omit <> 'expected' THEN 'better' END))) ->> 'action';
  ELSIF omit = 'action' THEN
    ca := say('action.add', 'anna', jsonb_build_object('nc', nc, 'title', 'prevent', 'kind', 'preventive', 'owner', 'bob',
                                                       'due', '20d', 'expect', 'better')) ->> 'action';
  END IF;
  IF omit <> 'criterion' THEN
    PERFORM say('criterion', 'anna', jsonb_build_object('nc', nc, 'window', '10d') || CASE WHEN omit = 'passes'
      THEN '{"method":"pass_count","passes":1}' ELSE '{"method":"event_silence"}'::jsonb END);
  END IF;
  IF omit = 'external_plan' THEN
    PERFORM put_('record', jsonb_build_object('id', nextval('capa.record_no'), 'nc', id_, 'cycle', 1, 'fact', 'issuer_date_plan', 'author', 'anna',
      'at', capa.now(), 'value', jsonb_build_object('due', capa.now())), id_);
  END IF;
  -- implementing
  IF omit NOT IN ('approval', 'verifying') AND state(nc) = 'planned' AND EXISTS (SELECT FROM capa.request q
       WHERE q.nc = id_ AND q.kind = 'plan' AND q.state = 'open') THEN
    PERFORM say('approve', 'pia', jsonb_build_object('ref', nc));
  END IF;
  -- verifying
  IF into_ NOT IN ('verifying', 'closed') OR ca IS NULL THEN
    RETURN nc;
  ELSIF omit = 'action_done' THEN
    PERFORM say('action.cancel', 'anna', jsonb_build_object('action', ca, 'reason', 'r'));
  ELSIF omit = 'action_evidence' THEN
    PERFORM put_('action', (SELECT to_jsonb(a) || jsonb_build_object('state', 'done', 'done_by', 'bob', 'done_at', capa.now())
                            FROM capa.action a WHERE 'CA-' || a.id = ca), id_);
  ELSIF omit <> 'actions_ended' THEN
    PERFORM say('action.done', 'bob', jsonb_build_object('action', ca, 'evidence', link()));
  END IF;
  IF into_ <> 'closed' THEN
    RETURN nc;
  END IF;
  -- closed
  FOREACH ca IN ARRAY ARRAY['isms', 'risk'] LOOP
    CONTINUE WHEN omit = ca;
    PERFORM say(ca, 'anna', jsonb_build_object('nc', nc, ca, 'none'));
  END LOOP;
  IF omit = 'no_fail' THEN
    PERFORM event(nc, 'f');
  END IF;
  IF omit <> 'window' THEN
    PERFORM clock_by('20 days');
  END IF;
  IF omit NOT IN ('verdict', 'verdict_or_proof', 'benefit') AND NOT (omit = 'external_closing' AND grade_ = 'observation') THEN
    PERFORM put_('record', jsonb_build_object('id', nextval('capa.record_no'), 'nc', id_, 'cycle', 1, 'fact', 'verdict', 'author', 'vera',
      'at', capa.now(), 'value', jsonb_build_object('verdict', 'effective', 'plan', capa.plan_hash(id_))), id_);
  END IF;
  RETURN nc;
END $$;

-- Records the fact that was left out.
CREATE FUNCTION give(nc text, way_ text, fact text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  id_ int := substr(nc, 4)::int;
  ca text := (SELECT 'CA-' || max(a.id) FROM capa.action a WHERE a.nc = id_ AND (a.kind = 'correction') = (fact = 'correction_evidence')
              AND a.state <> 'cancelled');
BEGIN
  CASE
  WHEN fact = 'triage' THEN PERFORM say('triage', 'ina', jsonb_build_object('nc', nc, 'grade', (SELECT grade FROM capa.nc WHERE id = id_)));
  WHEN fact = 'owner' THEN PERFORM say('assign', 'ina', jsonb_build_object('ref', nc, 'owner', 'anna'));
  WHEN fact = 'requirement' THEN PERFORM say('triage', 'ina', jsonb_build_object('nc', nc, 'controls', 'A.8.13'));
  WHEN fact = 'statement' THEN PERFORM say('triage', 'ina', jsonb_build_object('nc', nc, 'statement', 'exit 1'));
  WHEN fact = 'correction' THEN PERFORM say('contain', 'anna', jsonb_build_object('nc', nc, 'text', 't', 'evidence', link()));
  WHEN fact IN ('correction_evidence', 'action_evidence') THEN
    PERFORM say('evidence.add', 'anna', jsonb_build_object('ref', ca, 'evidence', link()));
  WHEN fact = 'consequences' THEN PERFORM say('contain', 'anna', jsonb_build_object('nc', nc, 'consequences', 'none'));
  WHEN fact = 'cause' THEN PERFORM say('cause', 'anna', jsonb_build_object('nc', nc, 'text', 'why', 'category', 'process'));
    IF facts_missing(nc) LIKE '%conclusion%' THEN
      PERFORM say('similar', 'anna', jsonb_build_object('nc', nc, 'conclude', 'not the same'));
    END IF;
  WHEN fact = 'similar' THEN PERFORM say('similar', 'anna', jsonb_build_object('nc', nc));
    IF facts_missing(nc) LIKE '%conclusion%' THEN
      PERFORM say('similar', 'anna', jsonb_build_object('nc', nc, 'conclude', 'not the same'));
    END IF;
  WHEN fact = 'elsewhere' THEN PERFORM say('similar', 'anna', jsonb_build_object('nc', nc, 'elsewhere', 'no'));
  WHEN fact = 'conclusion' THEN PERFORM say('similar', 'anna', jsonb_build_object('nc', nc, 'conclude', 'same disk'));
  WHEN fact IN ('need', 'need_yes') THEN PERFORM say('need', 'ina', jsonb_build_object('nc', nc, 'need', 'yes', 'reason', 'r'));
  WHEN fact = 'need_no' THEN PERFORM say('need', 'ina', jsonb_build_object('nc', nc, 'need', 'no', 'reason', 'r'));
  WHEN fact IN ('action', 'action_any') THEN
    PERFORM say('action.add', 'anna', jsonb_build_object('nc', nc, 'title', 'act', 'owner', 'bob', 'due', '20d', 'expect', 'e'));
  WHEN fact = 'action_owner' THEN PERFORM say('assign', 'anna', jsonb_build_object('ref', ca, 'owner', 'bob'));
  WHEN fact = 'action_due' THEN PERFORM say('action.change', 'anna', jsonb_build_object('action', ca, 'due', '20d'));
  WHEN fact = 'expected' THEN PERFORM say('action.change', 'anna', jsonb_build_object('action', ca, 'expect', 'e'));
  WHEN fact = 'criterion' THEN PERFORM say('criterion', 'anna', jsonb_build_object('nc', nc, 'method', 'event_silence', 'window', '10d'));
  WHEN fact = 'approval' THEN PERFORM say('approve', 'pia', jsonb_build_object('ref', nc));
  WHEN fact = 'actions_ended' THEN PERFORM say('action.done', 'bob', jsonb_build_object('action', ca, 'evidence', link()));
  WHEN fact = 'action_done' THEN
    ca := say('action.add', 'anna', jsonb_build_object('nc', nc, 'title', 'act', 'owner', 'bob', 'due', '20d', 'expect', 'e')) ->> 'action';
    IF state(nc) = 'planned' THEN
      PERFORM say('approve', 'pia', jsonb_build_object('ref', nc));
    END IF;
    PERFORM say('action.done', 'bob', jsonb_build_object('action', ca, 'evidence', link()));
  WHEN fact = 'no_fail' THEN DELETE FROM capa.event e WHERE e.nc = id_;
    PERFORM say('note', 'anna', jsonb_build_object('ref', nc, 'text', 'another control NC shows it'));
  WHEN fact = 'window' THEN PERFORM clock_by('20 days'); PERFORM say('note', 'anna', jsonb_build_object('ref', nc, 'text', 't'));
  WHEN fact = 'passes' THEN PERFORM event(nc, 'p'); PERFORM say('note', 'anna', jsonb_build_object('ref', nc, 'text', 't'));
  WHEN fact IN ('verdict', 'verdict_or_proof', 'benefit') THEN
    PERFORM say('verify', 'vera', jsonb_build_object('nc', nc, 'verdict', 'effective', 'text', 't'));
  WHEN fact IN ('external_plan', 'external_closing') THEN
    PERFORM say('external', 'ina', jsonb_build_object('nc', nc, 'what', substr(fact, 10), 'verdict', 'accepted', 'evidence', link()));
  WHEN fact = 'internal' THEN
    PERFORM put_('nc', (SELECT to_jsonb(n) || '{"issuer":null}' FROM capa.nc n WHERE n.id = id_), id_);
  WHEN fact IN ('isms', 'risk') THEN PERFORM say(fact, 'anna', jsonb_build_object('nc', nc, fact, 'none'));
  WHEN fact = 'short_open' THEN
    PERFORM put_('cycle', (SELECT to_jsonb(c) || '{"short_barred":false}' FROM capa.cycle c WHERE c.nc = id_), id_);
  WHEN fact = 'nothing_open' THEN PERFORM say('action.cancel', 'anna', jsonb_build_object('action', ca, 'reason', 'r'));
  END CASE;
END $$;

CREATE FUNCTION place_of(nc text) RETURNS int LANGUAGE sql AS $$ SELECT s.place FROM capa.state s WHERE s.name = state(nc) $$;
CREATE FUNCTION both_sides(g capa.guard) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
  into_place int := (SELECT place FROM capa.state WHERE name = g.into_state);
  name_ text := format('%s %s (%s): %s', g.grade, g.into_state, g.way, g.fact);
  nc text := lay(g.into_state, g.way, g.grade, g.fact);
  before_ text;
  named text;
BEGIN
  before_ := state(nc);
  named := facts_missing(nc);
  RETURN NEXT ok(place_of(nc) < into_place, format('%s is missing: it stays (%s)', name_, before_));
  -- Two facts are never the last one missing: they hang on others, which are named instead.
  RETURN NEXT ok(g.fact = ANY (string_to_array(named, ' ')) OR g.fact IN ('action_done', 'need_no', 'short_open', 'need_yes')
                   OR (g.fact = 'action' AND named LIKE '%action%'),
                 format('%s is named: %s', name_, named));
  PERFORM give(nc, g.way, g.fact);
  RETURN NEXT ok(place_of(nc) >= into_place OR (g.fact = 'need_yes' AND state(nc) = 'planned'),
                 format('%s is there: it moves (%s)', name_, state(nc)));
END $$;

SELECT plan((SELECT count(*)::int * 3 + 5 FROM capa.guard));
SELECT both_sides(g) FROM capa.guard g ORDER BY g.into_state, g.way, g.grade, g.place;
SELECT is((SELECT count(*) FROM capa.guard g WHERE NOT EXISTS (SELECT FROM pg_attribute a
            WHERE a.attrelid = 'capa.fact'::regclass AND a.attname = g.fact AND a.atttypid = 'boolean'::regtype)), 0::bigint,
          'every guard asks for a column of the view of facts');
SELECT is_empty($$ SELECT a.attname FROM pg_attribute a WHERE a.attrelid = 'capa.fact'::regclass AND a.attnum > 0
  AND a.atttypid = 'boolean'::regtype AND NOT EXISTS (SELECT FROM capa.guard g WHERE g.fact = a.attname) $$,
  'every fact is asked for by a guard');
SELECT is_empty($$ SELECT name FROM capa.state s WHERE s.name <> 'raised' AND s.name NOT IN ('merged', 'accepted')
  AND NOT EXISTS (SELECT FROM capa.transition t WHERE t.into_state = s.name) $$, 'every state can be reached by a transition');
SELECT is_empty($$ SELECT DISTINCT s.change FROM (
    SELECT (b.body::jsonb -> 'data' ->> 'from') || ' to ' || (b.body::jsonb -> 'data' ->> 'to') AS change,
           b.body::jsonb -> 'data' ->> 'from' AS a, b.body::jsonb -> 'data' ->> 'to' AS z
    FROM capa.journal_body b WHERE b.body::jsonb -> 'data' ->> 'what' = 'state') s
  WHERE NOT EXISTS (SELECT FROM capa.transition t WHERE t.from_state = s.a AND t.into_state = s.z) $$,
  'no NC went a way that is no row of capa.transition');
SELECT is((SELECT string_agg(name, ' ') FROM capa.state WHERE capa.phase_rank(name) IS DISTINCT FROM place - 1), NULL,
  'the ranks of the phases are the places of the states');
SELECT * FROM finish();
