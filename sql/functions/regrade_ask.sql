-- Opens the request to lower a grade: nobody does that alone (PRODUCT). Returns {"request":...} for the result.
CREATE OR REPLACE FUNCTION capa.regrade_ask(n capa.nc, to_ text, actor text, reason_ text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  id_ int := capa.request_put(n, 'regrade', 'NC-' || n.id, ARRAY[actor], NULL,
                              jsonb_build_object('from', n.grade, 'to', to_), reason_);
BEGIN
  RETURN capa.request_result(id_);
END $$;
