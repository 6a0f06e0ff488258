-- Does the journal hold the row that a daemon saw last (SEMANTICS section 8, "Epoch")? If not, the database went back in
-- time: both heads are journalled, a new epoch begins, and the reference sequences jump by 10,000, so that no number
-- that was given before is given again. Without seq and hash the owner asks for a new epoch, with a reason.
-- Returns {"epoch","known","journal"}.
CREATE OR REPLACE FUNCTION api.epoch(seq bigint, hash text, reason text) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER
SET search_path = capa, api, pg_temp SET timezone = 'UTC' AS $$
#variable_conflict use_variable
DECLARE
  head jsonb;
  name_ text;
  known_ boolean;
BEGIN
  IF seq IS NULL AND coalesce(reason, '') = '' THEN
    RETURN jsonb_build_object('epoch', (SELECT max(no)::text FROM capa.epoch), 'known', true, 'journal', capa.journal_head());
  END IF;
  LOCK TABLE capa.turn IN EXCLUSIVE MODE;
  head := capa.journal_head();
  known_ := seq IS NOT NULL AND (seq = 0 OR EXISTS (SELECT FROM capa.journal j WHERE j.seq = seq AND encode(j.hash, 'hex') = hash));
  IF NOT known_ THEN
    FOREACH name_ IN ARRAY ARRAY['nc_no', 'action_no', 'record_no', 'evidence_no', 'request_no', 'deadline_no',
                                 'escalation_no', 'follow_up_no', 'obligation_no', 'batch_no', 'seal_no', 'eventno'] LOOP
      PERFORM setval(format('capa.%I', name_)::regclass, nextval(format('capa.%I', name_)::regclass) + 10000);
    END LOOP;
    INSERT INTO capa.epoch (no, began_at, reason)
    SELECT max(no) + 1, capa.now(), coalesce(reason, 'a daemon has seen a journal row that this database has not') FROM capa.epoch;
    PERFORM capa.tell('sys.epoch', 'epoch', NULL, NULL, jsonb_build_object(
      'epoch', (SELECT max(no)::text FROM capa.epoch), 'reason', coalesce(reason, 'the database went back in time'),
      'database', head, 'daemon', jsonb_build_object('seq', seq, 'hash', hash)));
    PERFORM capa.append('system');
  END IF;
  RETURN jsonb_build_object('epoch', (SELECT max(no)::text FROM capa.epoch), 'known', known_, 'journal', capa.journal_head());
END $$;
