-- All that is open and whose it is: NCs, actions of the running cycle, follow-ups. key is of whom (capa.name_key; of a person of the
-- people file the own name's, whatever it was written as).
CREATE OR REPLACE FUNCTION capa.owned_open()
RETURNS TABLE (key text, owner text, ref text, nc int, action int, follow_up int, kind text, title text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  index jsonb := coalesce(capa.people_names(), '{}');
BEGIN
  RETURN QUERY
  WITH item AS (
    SELECT n.owner, 'NC-' || n.id AS ref, n.id AS nc, NULL::int AS action, NULL::int AS follow_up, 'nc' AS kind, n.title
    FROM capa.nc n WHERE NOT capa.has_left(n.state) AND n.owner IS NOT NULL
    UNION ALL
    SELECT a.owner, 'CA-' || a.id, a.nc, a.id, NULL, 'action', a.title
    FROM capa.action a JOIN capa.nc n ON n.id = a.nc AND n.cycle = a.cycle
    WHERE a.state IN ('open', 'started', 'waiting') AND a.owner IS NOT NULL AND NOT capa.has_left(n.state)
    UNION ALL
    SELECT f.owner, 'FU-' || f.id, f.nc, f.action, f.id, 'follow_up', f.title FROM capa.follow_up f WHERE f.state = 'running'
  ), name_ AS (
    SELECT o.owner, (capa.people_keys(index, o.owner))[1] AS key FROM (SELECT DISTINCT item.owner FROM item) o
  )
  SELECT name_.key, item.owner, item.ref, item.nc, item.action, item.follow_up, item.kind, item.title
  FROM item JOIN name_ ON name_.owner = item.owner;
END $$;
