-- A sample of the stored events, each as JSON: the newest 2,000 (age 'new'), and 20 short runs from all that was kept before them ('old', any of those). Of a source
-- and type at most 20 of each age. Found by number, since no index holds times or types. What is no JSON of jsonb's is left out.
CREATE OR REPLACE FUNCTION capa.event_sample() RETURNS TABLE (age text, source text, type text, adapter text, received timestamptz, document jsonb)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  last_ bigint := (SELECT max(e.eventno) FROM capa.event e);
  first_ bigint := (SELECT min(e.eventno) FROM capa.event e);
  newest bigint := greatest(last_ - 2000, first_ + (last_ - first_) / 2);
  e record;
BEGIN
  FOR e IN
    SELECT x.* FROM (
      SELECT s.*, row_number() OVER (PARTITION BY s.age, s.source, s.type ORDER BY CASE s.age WHEN 'new' THEN -s.eventno ELSE hashint8(s.eventno) END) AS place FROM (
        SELECT 'new' AS age, v.eventno, v.source, v.type, v.adapter, v.received FROM capa.event v WHERE v.eventno > newest
        UNION ALL
        SELECT 'old', v.eventno, v.source, v.type, v.adapter, v.received
        FROM generate_series(0, 19) AS run(no)
        CROSS JOIN LATERAL (SELECT first_ + (newest - first_) * run.no / 20 AS low) b
        JOIN capa.event v ON v.eventno >= b.low AND v.eventno < least(b.low + 100, first_ + (newest - first_) * (run.no + 1) / 20, newest + 1)) s) x
    WHERE x.place <= 20
  LOOP
    BEGIN
      document := nullif(capa.body_text(capa.event_bytes(e.eventno)), 'null')::jsonb;
    EXCEPTION WHEN data_exception OR program_limit_exceeded THEN
      CONTINUE;
    END;
    CONTINUE WHEN document IS NULL;
    age := e.age;
    source := e.source;
    type := e.type;
    adapter := coalesce(e.adapter, '');
    received := e.received;
    RETURN NEXT;
  END LOOP;
END $$;
