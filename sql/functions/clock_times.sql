-- The dates of a statutory clock that starts at a moment: NIS2 Art. 23(4): early warning after 24 hours, notification after 72
-- hours, final report a month after the notification; GDPR Art. 33(1): 72 hours. Exact: a month ends at the same time of day in
-- the organisation's zone, on the last day where the month is shorter.
CREATE OR REPLACE FUNCTION capa.clock_times(law text, from_ timestamptz, zone text) RETURNS TABLE (label text, due timestamptz)
LANGUAGE sql STABLE AS $$
  SELECT c.label, c.due FROM (VALUES
    ('nis2', 'nis2_early_warning', from_ + interval '24 hours'),
    ('nis2', 'nis2_notification', from_ + interval '72 hours'),
    ('nis2', 'nis2_final_report', capa.month_after(from_ + interval '72 hours', zone)),
    ('gdpr', 'gdpr_notification', from_ + interval '72 hours')) AS c(law, label, due)
  WHERE c.law = $1
$$;
