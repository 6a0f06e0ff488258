-- The similar NCs that a cycle's search found, with their titles as they are now: [{"ref","title","why":[...]}].
CREATE OR REPLACE FUNCTION capa.similar_found(nc_ int, cycle_ int) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT coalesce(jsonb_agg(f || coalesce((SELECT jsonb_build_object('title', CASE WHEN o.restricted THEN 'restricted' ELSE o.title END) FROM capa.nc o WHERE 'NC-' || o.id = f ->> 'ref'), '{}')
                            ORDER BY no), '[]')
  FROM jsonb_array_elements(capa.record_of(nc_, cycle_, 'similar') -> 'found') WITH ORDINALITY AS x(f, no)
$$;
