-- Carries out a merging: the NC is left, its events go to the target from now on (capa.nc_for), what others set dates for goes
-- there too, and the target keeps the earlier dates and the higher grade of both. Actions and evidence stay where they are. The
-- caller holds the locks of capa.merge_lock.
CREATE OR REPLACE FUNCTION capa.merge(n capa.nc, into_ int, reason_ text, who text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  running capa.deadline[] := ARRAY(SELECT d FROM capa.deadline d WHERE d.nc = n.id AND d.met_at IS NULL AND d.void_at IS NULL
                                     AND capa.phase_rank(d.kind) IS NOT NULL ORDER BY d.id);
  was text := n.grade;
BEGIN
  n.state := 'merged';
  n.merged_into := into_;
  n.left_why := reason_;
  n.closed_at := capa.now();
  n.closed_by := who;
  n.closed_how := NULL;
  n.accepted_until := NULL;
  n.accepted_grade := NULL;
  PERFORM capa.put('nc', to_jsonb(n));
  PERFORM capa.cycle_ended(n, 'merged', who, n.closed_at);
  PERFORM capa.changed(n.id, 'nc.changed', 'merge', 'NC-' || n.id, concat_ws(': ', format('merged into NC-%s', into_), reason_),
                       jsonb_build_object('into', 'NC-' || into_));
  PERFORM capa.merge_keep(into_, n, running, reason_, who);
END $$;
