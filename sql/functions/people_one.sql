-- One person, team, role or unknown name with everything that is its own: what `people NAME` shows. `reaches` is whom a message for
-- it reaches now; hidden are NCs whose titles the caller may not see.
CREATE OR REPLACE FUNCTION capa.people_one(name_ text, hidden int[]) RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
  now_ timestamptz := capa.now();
  body_ jsonb := capa.people();
  index jsonb := coalesce(capa.people_names(), '{}');
  person text := capa.person_of(name_);
  key_ text := (capa.people_keys(index, name_))[1];
  items jsonb;
BEGIN
  SELECT coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object('ref', o.ref, 'nc', 'NC-' || o.nc, 'kind', o.kind, 'title', CASE WHEN o.nc = ANY (hidden) THEN 'restricted' ELSE o.title END,
           'due', capa.rfc3339(d.due), 'overdue', coalesce(d.due < now_, false))) ORDER BY d.due, o.nc, o.ref), '[]') INTO items
    FROM capa.owned_open() o
    LEFT JOIN LATERAL (SELECT min(x.due) AS due FROM capa.deadline x
      WHERE x.nc = o.nc AND x.met_at IS NULL AND x.void_at IS NULL AND x.kind <> 'window'
        AND x.action IS NOT DISTINCT FROM o.action AND x.follow_up IS NOT DISTINCT FROM o.follow_up) d ON true
    WHERE o.key = key_;
  IF person IS NULL AND NOT coalesce(index -> 'group' ? key_, false) AND items = '[]' THEN
    PERFORM capa.fail('not_found', format('%s is not in people.json and owns nothing.', name_), NULL, 'capactl people shows who there is.');
  END IF;
  RETURN (CASE
    WHEN person IS NOT NULL THEN capa.person_object(person, body_, index) || jsonb_build_object('kind', 'person',
      'manages', coalesce((SELECT jsonb_agg(p.key ORDER BY p.key) FROM jsonb_each(body_ -> 'people') p
                           WHERE p.value ->> 'manager' = person), '[]'),
      'deputy_of', coalesce((SELECT jsonb_agg(p.key ORDER BY p.key) FROM jsonb_each(body_ -> 'people') p
                             WHERE p.value ->> 'deputy' = person), '[]'))
    WHEN index -> 'group' ? key_ THEN jsonb_strip_nulls(jsonb_build_object('name', index -> 'group' -> key_ -> 'name',
      'kind', index -> 'group' -> key_ -> 'kind', 'lead', body_ -> 'teams' -> (index -> 'group' -> key_ ->> 'name') -> 'lead',
      'members', to_jsonb(capa.people_of(name_))))
    ELSE jsonb_build_object('name', name_, 'kind', 'unknown') END
    || jsonb_build_object('items', items, 'reaches', (SELECT coalesce(jsonb_agg(DISTINCT r.name), '[]')
         FROM capa.reach('owner', name_, now_) r WHERE r.name IS NOT NULL AND capa.person_of(r.name) IS NOT NULL)))::json;
END $$;
