-- A batch with its NCs as they are now, and what can be done with it: `show B-4`. Of the NCs in `hidden` no title.
CREATE OR REPLACE FUNCTION capa.batch_show(id_ int, hidden int[]) RETURNS json LANGUAGE plpgsql STABLE AS $$
DECLARE
  b capa.batch;
  request_ jsonb;
BEGIN
  SELECT * INTO b FROM capa.batch WHERE id = id_;
  IF NOT FOUND THEN
    PERFORM capa.fail('not_found', format('There is no B-%s.', id_), NULL, 'capactl approvals --all lists what waits for a decision.');
  END IF;
  SELECT jsonb_agg(jsonb_build_object('sentence', capa.request_sentence(q), 'command', capa.request_command(q))) INTO request_
    FROM capa.request q WHERE q.batch = id_ AND q.state = 'open';
  RETURN capa.batch_object(b) || jsonb_build_object(
    'items', (SELECT coalesce(jsonb_agg(jsonb_build_object('ref', 'NC-' || n.id, 'grade', n.grade, 'state', n.state,
                'title', CASE WHEN n.id = ANY (hidden) THEN 'restricted' ELSE n.title END) ORDER BY n.id), '[]')
              FROM capa.nc n WHERE n.id = ANY (b.ncs)),
    'next', coalesce(request_, CASE WHEN b.state = 'approved' THEN jsonb_build_array(jsonb_build_object(
      'sentence', 'it can be taken back', 'command', format('capactl undo B-%s --reason TEXT', b.id))) END, '[]'));
END $$;
