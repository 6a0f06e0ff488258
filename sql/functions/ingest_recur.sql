-- A fail event in `verifying`, or after closing, begins a new cycle (PRODUCT, "What an event does"). After a closing by
-- verdict the grade goes one up; after a correction-only one it stays, and capa.new_cycle bars the short way. Else a
-- decided grade stood until now: the highest that the rule gave counts again. An event never lowers a grade. Controls that the
-- event names are added to those that somebody decided; nothing is taken away.
CREATE OR REPLACE FUNCTION capa.ingest_recur(nc_ int, hit capa.ingest_hit, c jsonb, bodies bytea)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  before_ capa.nc;
  grade_ text := c ->> 'grade';
  n capa.nc;
  grades text[];
  outcome text;
  sentence text;
BEGIN
  SELECT * INTO STRICT before_ FROM capa.nc WHERE id = nc_;
  outcome := CASE before_.state WHEN 'closed' THEN 'reopened' ELSE 'recurred' END;
  sentence := CASE before_.state WHEN 'closed' THEN 'failed again after it was closed' ELSE 'failed again while it was verified' END;
  PERFORM capa.pending(nc_, 1, 0, least(hit.observed, hit.first_seen), hit.observed);
  PERFORM capa.window_taken(nc_);
  PERFORM capa.new_cycle(nc_, 'event', 'triaged', sentence);
  SELECT * INTO STRICT n FROM capa.nc WHERE id = nc_;
  grades := ARRAY[before_.grade, CASE
    WHEN before_.state = 'closed' AND before_.closed_how <> 'short' THEN capa.grade_up(before_.grade)
    WHEN before_.state <> 'closed' THEN before_.grade_by_rule END];
  IF capa.grade_rank(grade_) > coalesce(capa.grade_rank(before_.grade_by_rule), -1) THEN
    grades := grades || grade_;
    n.grade_by_rule := grade_;
  END IF;
  SELECT g INTO n.grade FROM unnest(grades) g WHERE g IS NOT NULL ORDER BY capa.grade_rank(g) DESC LIMIT 1;
  n.controls := n.controls || ARRAY(SELECT t FROM unnest(capa.controls_of(c)) WITH ORDINALITY AS u(t, place) WHERE t <> ALL (n.controls) ORDER BY place);
  PERFORM capa.put('nc', to_jsonb(n));
  PERFORM capa.ingest_keep(nc_, hit, 'recurred', NULL, bodies);
  PERFORM capa.tell('nc.' || outcome, 'ingest', 'NC-' || nc_, nc_,
                    jsonb_build_object('what', outcome, 'sentence', sentence, 'nc', capa.summary(nc_)));
  PERFORM capa.advance(nc_, 'ingest');
  RETURN outcome;
END $$;
