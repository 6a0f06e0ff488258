-- What every changing method answers: where the NC is now, what it lacks, and what to do next. extra: what the method made.
CREATE OR REPLACE FUNCTION capa.result(nc_ int, extra jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql VOLATILE AS $$
  SELECT jsonb_build_object('ref', 'NC-' || n.id, 'state', n.state, 'version', n.version, 'nc', capa.summary(n.id),
                            'missing', capa.missing(n.id), 'next', capa.next_of(n.id)) || jsonb_strip_nulls(extra)
  FROM capa.nc n WHERE n.id = nc_
$$;
