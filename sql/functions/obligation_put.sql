-- A new obligation of an NC, from now on: kind external or clock. Its deadline follows (capa.deadlines_beside).
CREATE OR REPLACE FUNCTION capa.obligation_put(n capa.nc, kind_ text, label_ text, source_ text, started timestamptz, due_ timestamptz,
                                               author_ text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM capa.put('obligation', jsonb_build_object('id', nextval('capa.obligation_no'), 'nc', n.id, 'kind', kind_, 'label', label_,
    'source', source_, 'started_at', started, 'due', due_, 'author', author_, 'added_at', capa.now()));
END $$;
