-- What happened to deadlines, in one line for the log: "triage met, contain due 2026-11-09 17:00 UTC".
CREATE OR REPLACE FUNCTION capa.deadlines_sentence(old capa.deadline[], changed capa.deadline[]) RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    SELECT coalesce(string_agg(
      coalesce('CA-' || c.action, 'FU-' || c.follow_up, c.label, c.kind) ||
      CASE WHEN c.met_at IS NOT NULL AND o.met_at IS NULL THEN ' met' || CASE WHEN c.late THEN ' late' ELSE '' END
           WHEN c.void_at IS NOT NULL AND o.void_at IS NULL THEN ' void' || CASE WHEN c.late THEN ', late' ELSE '' END
           WHEN o.met_at IS NOT NULL OR o.void_at IS NOT NULL THEN ' open again, due '
           WHEN c.tightened AND NOT o.tightened THEN ' tightened, due '
           WHEN o.id IS NULL OR c.due <> o.due THEN ' due '
           ELSE ' runs its ladder, due ' END ||
      CASE WHEN c.met_at IS NULL AND c.void_at IS NULL
           THEN to_char(c.due AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI "UTC"') ELSE '' END, ', ' ORDER BY c.id), '')
    FROM unnest(changed) c LEFT JOIN unnest(old) o ON o.id = c.id);
END $$;
