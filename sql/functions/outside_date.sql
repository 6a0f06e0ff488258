-- A date that somebody outside set for an NC (raise --due, deadline add). A phase (triage, contain, plan, act) gets an earlier date,
-- never a later one: a later one is noted, and the policy's holds; any other label is an obligation. What was set once can be drawn
-- forward at once. Later is an extension, which takes the issuer's letter. Puts rows and returns the sentence; the caller tells.
CREATE OR REPLACE FUNCTION capa.outside_date(n capa.nc, label_ text, due_ timestamptz, source_ text, actor text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
  o capa.obligation := capa.obligation_running(n, label_);
  d capa.deadline;
  set_ timestamptz := (capa.record_of(n.id, n.cycle, 'issuer_date_' || label_) ->> 'due')::timestamptz;
BEGIN
  IF due_ <= capa.now() THEN
    PERFORM capa.fail('refused', format('%s is to be due %s, which has passed.', label_, capa.rfc3339(due_)), NULL,
      'Give a date ahead, or a duration such as 30d.');
  ELSIF o.kind = 'clock' OR label_ ~ '^(nis2|gdpr)_' THEN
    PERFORM capa.fail('refused', format('%s is a date of the law, which nobody sets.', label_), NULL,
      format('capactl clock NC-%s %s starts it.', n.id, split_part(label_, '_', 1)));
  END IF;
  SELECT * INTO d FROM capa.deadline x
    WHERE x.nc = n.id AND x.met_at IS NULL AND x.void_at IS NULL
      AND CASE WHEN o.id IS NULL THEN x.kind = label_ AND x.cycle = n.cycle AND capa.phase_rank(x.kind) IS NOT NULL
               ELSE x.kind = 'external' AND x.label = label_ END
    ORDER BY x.id DESC LIMIT 1 FOR UPDATE;
  IF capa.phase_rank(label_) IS NOT NULL AND d.id IS NULL THEN
    PERFORM capa.fail('refused', format('NC-%s has no %s deadline that runs: it is %s, of grade %s.', n.id, label_, n.state, n.grade), NULL,
      'Dates of phases not reached can be set; any other word labels a date of its own.');
  ELSIF d.id IS NOT NULL AND due_ >= (CASE WHEN o.id IS NULL THEN coalesce(set_, 'infinity') ELSE d.due END) THEN
    PERFORM capa.fail('refused', format('%s of NC-%s is due %s already; %s is no earlier date.', label_, n.id, capa.rfc3339(coalesce(set_, d.due)),
                                        capa.rfc3339(due_)), NULL,
      format('The earlier date holds. A later one is an extension: capactl extend NC-%s --deadline %s --to DATE --reason TEXT%s', n.id, label_,
             CASE WHEN o.id IS NULL THEN '' ELSE ' --evidence LETTER' END));
  END IF;
  IF o.id IS NOT NULL THEN
    o.due := due_;
    PERFORM capa.put('obligation', to_jsonb(o));
    PERFORM capa.deadline_earlier(d, due_);
    RETURN format('%s drawn forward to %s', label_, capa.rfc3339(due_));
  ELSIF d.id IS NOT NULL THEN
    PERFORM capa.record_put(n, 'issuer_date_' || label_, jsonb_build_object('due', capa.rfc3339(due_), 'source', coalesce(source_, n.issuer)), actor);
    IF due_ >= d.due THEN
      RETURN format('%s stays due %s, as the policy asks; the date from outside, %s, is noted', label_, capa.rfc3339(d.due), capa.rfc3339(due_));
    END IF;
    PERFORM capa.deadline_earlier(d, due_);
    RETURN format('%s due %s, before the policy''s %s', label_, capa.rfc3339(due_), capa.rfc3339(d.due));
  END IF;
  PERFORM capa.obligation_put(n, 'external', label_, coalesce(source_, n.issuer), capa.now(), due_, actor);
  RETURN format('%s due %s', label_, capa.rfc3339(due_));
END $$;
