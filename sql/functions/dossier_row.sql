-- May this journal row be given in full to somebody who gets these NCs and nothing of another? What it changed, and whom it tells
-- about, must be theirs; rows that name nobody's NC (seals, actors) are anybody's.
CREATE OR REPLACE FUNCTION capa.dossier_row(body jsonb, ncs int[]) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT coalesce(substring(body #>> '{data,nc,ref}' FROM '^NC-([0-9]+)$')::int = ANY (ncs), true)
    AND NOT EXISTS (
      SELECT FROM jsonb_array_elements(body #> '{data,changes}') c, jsonb_array_elements(c -> 'rows') r
      WHERE NOT CASE
        WHEN c ->> 'table' IN ('seal', 'actor') THEN true
        WHEN c ->> 'table' = 'nc' THEN (r ->> 'id')::int = ANY (ncs)
        WHEN r ->> 'nc' IS NOT NULL THEN (r ->> 'nc')::int = ANY (ncs)
        WHEN r ->> 'follow_up' IS NOT NULL THEN EXISTS (
          SELECT FROM capa.follow_up f WHERE f.id = (r ->> 'follow_up')::int AND f.nc = ANY (ncs))
        ELSE false END)
$$;
