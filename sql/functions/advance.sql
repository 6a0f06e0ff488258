-- The one function that moves an NC along the main line, forward or back, to where its facts put it (capa.state_of).
-- Closed, rejected and merged are never left here, nor accepted, but that an acceptance was of the grade it had: a higher one ends
-- it. Its requests follow, what changed is told, and at the end its deadlines follow. kind: the method or event that caused it. Returns the state it is in now.
CREATE OR REPLACE FUNCTION capa.advance(nc_ int, kind text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  n capa.nc;
  was text;
  to_ record;
BEGIN
  SELECT * INTO STRICT n FROM capa.nc WHERE id = nc_;
  IF n.state = 'accepted' AND capa.grade_rank(n.grade) > capa.grade_rank(n.accepted_grade) THEN
    PERFORM capa.acceptance_end(nc_, kind, format('it is %s now: the acceptance, which was of grade %s, has ended', n.grade, n.accepted_grade));
    RETURN (SELECT state FROM capa.nc WHERE id = nc_);
  END IF;
  was := n.state;
  IF (SELECT place < 8 FROM capa.state WHERE name = n.state) THEN
    to_ := capa.state_of(nc_);
    IF to_.state = 'closed' THEN
      PERFORM capa.close(n, to_.way);
    ELSIF to_.state <> was THEN
      n.state := to_.state;
      PERFORM capa.put('nc', to_jsonb(n));
    END IF;
  ELSE
    SELECT was AS state, 'main' AS way INTO to_;
  END IF;
  PERFORM capa.requests_follow(nc_);
  IF to_.state <> was THEN
    PERFORM capa.tell(CASE to_.state WHEN 'closed' THEN 'nc.closed' ELSE 'nc.changed' END, kind, 'NC-' || nc_, nc_,
      jsonb_build_object('what', 'state', 'from', was, 'to', to_.state, 'sentence', was || ' → ' || to_.state
                           || CASE WHEN to_.way = 'short' THEN ' (correction only)' ELSE '' END,
                         'nc', capa.summary(nc_)));
  ELSIF capa.untold() IS NOT NULL THEN
    PERFORM capa.tell('nc.changed', kind, 'NC-' || nc_, nc_,
      jsonb_build_object('what', 'requests', 'sentence', 'its requests follow', 'nc', capa.summary(nc_)));
  END IF;
  PERFORM capa.deadlines_follow(nc_);
  RETURN to_.state;
END $$;
