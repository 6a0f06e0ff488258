-- Whether a subscription carries one of these sources: it says so by prefixes, or else they were heard by it.
CREATE OR REPLACE FUNCTION capa.link_carries(name_ text, prefixes text[], sources_ text[]) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN prefixes IS NULL
    THEN EXISTS (SELECT FROM capa.link_source x WHERE x.link = name_ AND x.source = ANY (sources_))
    ELSE EXISTS (SELECT FROM unnest(prefixes) p, unnest(sources_) s WHERE starts_with(s, p)) END
$$;
