-- Refuses states and grades that do not exist, so that a slip of the pen is no empty list.
CREATE OR REPLACE FUNCTION capa.list_words(states text[], grades text[]) RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
  word text;
BEGIN
  SELECT s INTO word FROM unnest(states) s WHERE s NOT IN (SELECT name FROM capa.state) LIMIT 1;
  IF word IS NOT NULL THEN
    PERFORM capa.fail('invalid', format('There is no state "%s".', left(word, 40)), NULL, 'States: '
      || (SELECT string_agg(name, ', ' ORDER BY place) FROM capa.state) || '. Overdue is asked for with --overdue.');
  END IF;
  SELECT g INTO word FROM unnest(grades) g WHERE capa.grade_rank(g) IS NULL LIMIT 1;
  IF word IS NOT NULL THEN
    PERFORM capa.fail('invalid', format('There is no grade "%s".', left(word, 40)), NULL,
      format('Grades: %s.', array_to_string(capa.grades(), ', ')));
  END IF;
END $$;
