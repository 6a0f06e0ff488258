-- The open request that approve or refuse means: of an NC all of its own and its actions', of an action its own. With several
-- the kind must be named, and among several of one kind the NC's own is meant; with none, what the plan still lacks is said. Whoever
-- is barred from it (capa.decision_bar) decides nothing, but an approval that is waived.
CREATE OR REPLACE FUNCTION capa.request_named(n capa.nc, params jsonb, principal jsonb, actor text, method_ text) RETURNS capa.request
LANGUAGE plpgsql AS $$
DECLARE
  action_ int := (capa.reference(params ->> 'ref')).action;
  follow_up_ int := (capa.reference(params ->> 'ref')).follow_up;
  what_ text := capa.param_text(params, 'what');
  open_ int[];
  q capa.request;
  bar record;
BEGIN
  SELECT coalesce(array_agg(r.id ORDER BY r.id), '{}') INTO open_ FROM capa.request r
    WHERE r.nc = n.id AND r.state = 'open' AND (action_ IS NULL OR r.ref = 'CA-' || action_) AND (follow_up_ IS NULL OR r.ref = 'FU-' || follow_up_)
      AND (what_ IS NULL OR r.kind = what_);
  IF cardinality(open_) > 1 AND what_ IS NOT NULL AND action_ IS NULL
     AND (SELECT count(*) FROM capa.request r WHERE r.id = ANY (open_) AND r.ref = 'NC-' || n.id) = 1 THEN
    open_ := ARRAY(SELECT r.id FROM capa.request r WHERE r.id = ANY (open_) AND r.ref = 'NC-' || n.id);
  END IF;
  IF cardinality(open_) = 0 THEN
    PERFORM capa.fail('refused', format('Nothing%s of %s waits for a decision.', coalesce(' of kind ' || what_, ''),
                                        coalesce('CA-' || action_, 'FU-' || follow_up_, 'NC-' || n.id)),
      jsonb_build_object('missing', capa.missing(n.id)), 'capactl approvals lists what does.');
  ELSIF cardinality(open_) > 1 THEN
    PERFORM capa.fail('refused', format('NC-%s has several open requests: name the one you mean with --what.', n.id),
      jsonb_build_object('requests', (SELECT jsonb_agg(jsonb_build_object('what', r.kind, 'ref', r.ref,
        'sentence', capa.request_sentence(r)) ORDER BY r.id) FROM capa.request r WHERE r.id = ANY (open_))),
      (SELECT string_agg(format('capactl %s %s --what %s', method_, r.ref, r.kind), '; ' ORDER BY r.id)
       FROM capa.request r WHERE r.id = ANY (open_)));
  END IF;
  SELECT * INTO STRICT q FROM capa.request WHERE id = open_[1];
  bar := capa.decision_bar(q, principal, actor);
  IF bar.why IS NOT NULL AND method_ = 'approve' AND bar.waivable THEN
    PERFORM capa.waive(n, params, 'approve', actor, format('%s: %s.', capa.first_up(bar.why), capa.request_sentence(q)),
                       'Ask somebody else to run: ' || capa.request_command(q) || '.');
  ELSIF bar.why IS NOT NULL THEN
    PERFORM capa.fail('refused', format('%s: %s.', capa.first_up(bar.why), capa.request_sentence(q)), NULL,
      'Ask somebody else to run: ' || capa.request_command(q));
  END IF;
  RETURN q;
END $$;
