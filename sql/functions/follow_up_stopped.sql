-- Ends a follow-up before its time, as was asked for and approved by another person.
CREATE OR REPLACE FUNCTION capa.follow_up_stopped(q capa.request, who text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  f capa.follow_up;
BEGIN
  SELECT * INTO STRICT f FROM capa.follow_up WHERE id = (q.what ->> 'follow_up')::int;
  f.state := 'stopped';
  f.ended_at := capa.now();
  f.ended_by := who;
  f.reason := q.reason;
  PERFORM capa.put('follow_up', to_jsonb(f));
  PERFORM capa.changed(q.nc, 'follow_up.changed', 'approve', 'FU-' || f.id, format('stopped early, as %s asked: %s', array_to_string(q.authors, ', '), q.reason),
    jsonb_build_object('request', q.kind, 'follow_up', capa.follow_up_object(f.id)));
END $$;
