-- Of each NC with a running deadline: whether one is past its due date, and the next one due. The window is not
-- among them: nobody can be late for the end of a window. A view of its own, because summaries and lists join it.
CREATE OR REPLACE VIEW capa.next_due AS
SELECT d.nc,
       bool_or(d.due < capa.now()) AS overdue,
       min(d.due) AS due,
       (array_agg(d.kind ORDER BY d.due, d.id))[1] AS kind,
       jsonb_strip_nulls(jsonb_build_object('kind', (array_agg(d.kind ORDER BY d.due, d.id))[1],
         'due', capa.rfc3339(min(d.due)), 'label', (array_agg(d.label ORDER BY d.due, d.id))[1])) AS next_due
FROM capa.deadline d
WHERE d.met_at IS NULL AND d.void_at IS NULL AND d.kind <> 'window'
GROUP BY d.nc;
