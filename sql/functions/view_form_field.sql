-- What capactl fill asks for, in the order of the form: which method's parameter (section, name) answers which facts. kind: text,
-- words (a list, one a line), choice, moment, span, number, evidence (a file, a URL or an event's number).
CREATE OR REPLACE VIEW capa.form_field AS
SELECT row_number() OVER ()::int AS place, section, name, label, kind, string_to_array(facts, ' ') AS facts,
       string_to_array(choices, ' ') AS choices
FROM (VALUES
  ('triage', 'grade', 'its grade', 'choice', 'triage', 'critical major minor observation ofi'),
  ('triage', 'owner', 'who owns it', 'text', 'owner', NULL),
  ('triage', 'controls', 'which controls, one a line (A.8.13)', 'words', 'requirement', NULL),
  ('triage', 'requirement', 'which requirement is not met', 'text', 'requirement', NULL),
  ('triage', 'statement', 'what was found', 'text', 'statement', NULL),
  ('contain', 'text', 'what was done at once to correct it', 'text', 'correction', NULL),
  ('contain', 'not_applicable', 'or why nothing could be corrected', 'text', 'correction', NULL),
  ('contain', 'evidence', 'what proves the correction: files, URLs or numbers of events, one a line', 'evidence', 'correction correction_evidence', NULL),
  ('contain', 'consequences', 'what it led to ("none" is an answer)', 'text', 'consequences', NULL),
  ('cause', 'text', 'the root cause', 'text', 'cause', NULL),
  ('cause', 'category', 'its kind', 'choice', 'cause', 'people process policy technology monitoring supplier environment management'),
  ('cause', 'method', 'how it was found (other)', 'choice', 'cause', 'five_whys ishikawa fault_tree timeline barrier other'),
  ('cause', 'why', 'the whys behind it, one a line; category people needs one', 'words', 'cause', NULL),
  ('similar', 'elsewhere', 'could it occur elsewhere? no, or where', 'text', 'elsewhere', NULL),
  ('similar', 'conclude', 'what is concluded from the similar ones found', 'text', 'conclusion', NULL),
  ('need', 'need', 'is action needed, so that it does not come again?', 'choice', 'need need_yes need_no', 'yes no'),
  ('need', 'reason', 'why, or why not', 'text', 'need need_yes need_no', NULL),
  ('action', 'title', 'what is to be done (leave empty if no action is needed)', 'text', 'action action_any', NULL),
  ('action', 'owner', 'who does it', 'text', 'action action_any', NULL),
  ('action', 'due', 'until when: 30d, or a date', 'moment', 'action action_any', NULL),
  ('action', 'expect', 'which result is expected', 'text', 'action action_any', NULL),
  ('criterion', 'method', 'how its effect will be judged', 'choice', 'criterion', 'event_silence pass_count manual'),
  ('criterion', 'window', 'for how long (empty: as the policy says)', 'span', 'criterion', NULL),
  ('criterion', 'passes', 'pass_count: how many good runs', 'number', 'criterion', NULL),
  ('criterion', 'text', 'manual: what will be looked at', 'text', 'criterion', NULL),
  ('isms', 'isms', 'must the ISMS change? none, or a reference', 'text', 'isms', NULL),
  ('risk', 'risk', 'must a risk be updated? none, or a reference', 'text', 'risk', NULL)
) AS f(section, name, label, kind, facts, choices);
