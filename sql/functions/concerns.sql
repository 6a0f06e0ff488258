-- Does a journal row concern one of these NCs: by whose log it is in, or by the register rows that it carries?
CREATE OR REPLACE FUNCTION capa.concerns(nc_ int, data jsonb, ncs int[]) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(nc_ = ANY (ncs), false) OR EXISTS (
    SELECT FROM jsonb_array_elements(data -> 'changes') c, jsonb_array_elements(c -> 'rows') r
    WHERE (CASE c ->> 'table' WHEN 'nc' THEN r ->> 'id' ELSE r ->> 'nc' END)::int = ANY (ncs))
$$;
