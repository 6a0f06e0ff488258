-- One journal row (and published message) of this transaction: topic as published, kind = the method or
-- event that caused it, ref = the subject, nc = whose log it belongs to, data = what a reader wants to
-- know. All changes put since the last tell go into it. A change without a tell is never left over:
-- capa.append refuses that.
CREATE OR REPLACE FUNCTION capa.tell(topic text, kind text, ref text, nc int, data jsonb)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  told bigint;
BEGIN
  PERFORM capa.stage();
  told := capa.untold();
  INSERT INTO pg_temp.capa_entry (topic, kind, ref, nc, data, upto)
  SELECT topic, kind, ref, nc,
         data || jsonb_build_object('changes', coalesce(
           jsonb_agg(jsonb_build_object('table', t.tbl, 'rows', t.rows) ORDER BY t.n), '[]')),
         coalesce(max(t.n), (SELECT e.upto FROM pg_temp.capa_entry e ORDER BY e.n DESC LIMIT 1), 0)
  FROM pg_temp.capa_change t WHERE t.n > told;
END $$;
