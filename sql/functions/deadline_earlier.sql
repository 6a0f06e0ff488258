-- A running deadline gets an earlier due date at once: nobody has to approve haste. due_original stays; it is marked as tightened.
CREATE OR REPLACE FUNCTION capa.deadline_earlier(d capa.deadline, due_ timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  policy jsonb := capa.policy_of(d.nc);
BEGIN
  d := capa.deadline_move(d, due_, d.kind = 'clock' OR capa.due_is_exact(due_, policy -> 'calendar'), capa.now(), policy);
  d.tightened := true;
  PERFORM capa.put('deadline', to_jsonb(d));
END $$;
