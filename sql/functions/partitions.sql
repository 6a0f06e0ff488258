-- Makes partitions ahead: of events for this month and the next three, of what is kept aside for today and the next two days.
CREATE OR REPLACE FUNCTION capa.partitions() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  month_ timestamptz := date_trunc('month', capa.now());
  day_ timestamptz := date_trunc('day', capa.now());
  table_ text;
BEGIN
  FOR i IN 0 .. 3 LOOP
    PERFORM capa.partition_make('event', 'event_' || to_char(month_ + make_interval(months => i), 'YYYYMM'),
                                month_ + make_interval(months => i), month_ + make_interval(months => i + 1));
  END LOOP;
  FOREACH table_ IN ARRAY ARRAY['ignored', 'quarantine'] LOOP
    FOR i IN 0 .. 2 LOOP
      PERFORM capa.partition_make(table_, table_ || to_char(day_ + make_interval(days => i), '_YYYYMMDD'),
                                  day_ + make_interval(days => i), day_ + make_interval(days => i + 1));
    END LOOP;
  END LOOP;
END $$;
