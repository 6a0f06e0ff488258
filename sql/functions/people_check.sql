-- Refuses a people file in which one name would mean two: spelling makes no other name (capa.name_key), and a person, a team and a role
-- share none. Names that hide something are refused too. Says which (CA003). The daemon's reader has checked the form, with lines.
CREATE OR REPLACE FUNCTION capa.people_check(body jsonb) RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
  found_ record;
BEGIN
  WITH name_ AS (
    SELECT p.key AS name, format('person "%s"', p.key) AS what FROM jsonb_each(body -> 'people') p
    UNION ALL
    SELECT a, format('"%s", also of person "%s"', a, p.key) FROM jsonb_each(body -> 'people') p,
      jsonb_array_elements_text(coalesce(p.value -> 'also', '[]')) a
    UNION ALL SELECT key, format('team "%s"', key) FROM jsonb_each(coalesce(body -> 'teams', '{}'))
    UNION ALL SELECT key, format('role "%s"', key) FROM jsonb_each(coalesce(body -> 'roles', '{}'))
  )
  SELECT * INTO found_ FROM (
    SELECT format('%s is no name: %s', what, capa.name_flaw(name)) AS sentence FROM name_ WHERE capa.name_flaw(name) IS NOT NULL
    UNION ALL
    SELECT format('%s are one name', string_agg(what, ' and ' ORDER BY what)) FROM name_
    GROUP BY capa.name_key(name) HAVING count(*) > 1) x ORDER BY sentence LIMIT 1;
  IF FOUND THEN
    PERFORM capa.fail('invalid', format('The people file cannot be used: %s.', found_.sentence), NULL,
                      'Correct people.json: each name once, whatever its spelling.');
  END IF;
END $$;
