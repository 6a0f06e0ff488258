-- Lets the grade of an NC rise with a fail (SEMANTICS section 4): only above every grade that its rule gave it before, by the
-- event's own grade or by what the rule says of repeated fails. A decided grade that is higher stands. Never falls. The event
-- that did it, the worst so far, is kept as evidence. One that is worse than what was accepted revokes the acceptance.
CREATE OR REPLACE FUNCTION capa.ingest_grow(nc_ int, hit capa.ingest_hit, grade_ text, growth jsonb, bodies bytea) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  n capa.nc;
  was text;
  given text := grade_;
  grown text;
  revoked boolean;
BEGIN
  SELECT * INTO STRICT n FROM capa.nc WHERE id = nc_;
  IF growth IS NOT NULL THEN
    grown := capa.grown_grade(nc_, growth, hit.received,
      coalesce((SELECT sum(fails) FROM pg_temp.capa_pending WHERE nc = nc_), 0)::int,
      CASE WHEN capa.grade_rank(n.grade_by_rule) > capa.grade_rank(given) THEN n.grade_by_rule ELSE given END);
    given := coalesce(grown, given);
  END IF;
  revoked := n.state = 'accepted' AND capa.grade_rank(given) > capa.grade_rank(n.accepted_grade);
  IF capa.grade_rank(given) <= coalesce(capa.grade_rank(n.grade_by_rule), -1) THEN
    IF revoked THEN
      PERFORM capa.ingest_keep(nc_, hit, 'worst', NULL, bodies);
      PERFORM capa.acceptance_end(nc_, 'ingest', format('a %s event revoked the acceptance, which was of grade %s', given, n.accepted_grade));
    END IF;
    RETURN;
  END IF;
  was := n.grade;
  n.grade_by_rule := given;
  n.version := n.version + 1;
  IF capa.grade_rank(given) > capa.grade_rank(n.grade) THEN
    n.grade := given;
    n.grade_decided := false;
  END IF;
  PERFORM capa.put('nc', to_jsonb(n));
  PERFORM capa.ingest_keep(nc_, hit, 'worst', NULL, bodies);
  PERFORM capa.tell('nc.changed', 'ingest', 'NC-' || nc_, nc_, jsonb_build_object(
    'what', 'grade', 'from', was, 'to', n.grade, 'nc', capa.summary(nc_), 'sentence',
    CASE WHEN hit.type = 'org.capad.expectation.missed.v1' THEN 'nothing passed in the time that its rule gives'
         WHEN grown = given THEN 'it failed again and again' ELSE 'the event was worse than those before' END
      || CASE WHEN was = n.grade THEN format('; its rule gives %s, the decided grade stands', given) ELSE format(': %s', n.grade) END));
  IF revoked THEN
    PERFORM capa.acceptance_end(nc_, 'ingest', format('a %s event revoked the acceptance, which was of grade %s', given, n.accepted_grade));
  ELSE
    PERFORM capa.advance(nc_, 'ingest');
  END IF;
END $$;
