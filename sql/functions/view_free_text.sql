-- Which columns of the register's tables about NCs are free text: what redaction of an NC replaces (capa.redacted_row). how:
-- free the whole text, json the texts within (capa.redacted_json), kept for what stays: references, names of who did it, states,
-- grades, hashes, dates. Each column of type text or jsonb of such a table has a row here; a test compares.
CREATE OR REPLACE VIEW capa.free_text AS
SELECT t.tbl, c.col, t.how
FROM (VALUES
  ('nc', 'free', 'title requirement found evidence_text asset left_why hold'),
  ('nc', 'json', 'labels'),
  ('nc', 'kept', 'grade grade_by_rule state source_kind rule rule_hash ruleset source owner controls policy raised_by closed_how closed_by
                  external_ref supplier issuer accepted_grade held_by'),
  ('cycle', 'free', 'why'),
  ('cycle', 'kept', 'begun_by base ended_as ended_how ended_by'),
  ('record', 'free', 'retract_reason'),
  ('record', 'json', 'value'),
  ('record', 'kept', 'fact author retracted_by'),
  ('action', 'free', 'title expected reason waiting_on'),
  ('action', 'kept', 'kind owner state author done_by result'),
  ('evidence', 'free', 'name'),
  ('evidence', 'kept', 'kind role sha256 author removed_why'),
  ('request', 'free', 'reason decision'),                  -- but of a redaction: why it was done stays
  ('request', 'json', 'what'),
  ('request', 'kept', 'kind ref authors hash state decided_by'),
  ('deadline', 'kept', 'kind grade steps label'),
  ('escalation', 'kept', 'level state recipients ack_span acked_by'),
  ('follow_up', 'free', 'title reason'),
  ('follow_up', 'kept', 'kind owner every author state ended_by'),
  ('follow_up_period', 'free', 'text'),
  ('follow_up_period', 'kept', 'outcome decided_by'),
  ('obligation', 'kept', 'kind label source author met_by'),
  ('overflow', 'free', 'title found asset'),
  ('overflow', 'kept', 'fingerprint rule grade source controls')
) AS t(tbl, how, cols), regexp_split_to_table(t.cols, '\s+') AS c(col);
