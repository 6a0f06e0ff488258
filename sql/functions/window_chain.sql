-- The first chain of the events 1, 2, … count_ of an ordered sequence within a time, by the moments they were observed: from before
-- its first event to its last. moments ascending; values_: which of the events each is, one byte. No row where there is none.
-- Of one event that is several of them the later ones stand first, so that it cannot follow itself.
CREATE OR REPLACE FUNCTION capa.window_chain(moments timestamptz[], values_ bytea[], count_ int, within interval)
RETURNS TABLE (from_at timestamptz, to_at timestamptz) LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  began timestamptz[] := array_fill(NULL::timestamptz, ARRAY[count_]);   -- of the chain that reached each event, the latest beginning
  step int;
BEGIN
  FOR i IN 1 .. coalesce(cardinality(moments), 0) LOOP
    step := get_byte(values_[i], 0);
    began[step] := CASE WHEN step = 1 THEN moments[i] ELSE greatest(began[step], began[step - 1]) END;
    IF step = count_ AND moments[i] < began[step] + within THEN
      RETURN QUERY SELECT began[step] - interval '1 microsecond', moments[i];
      RETURN;
    END IF;
  END LOOP;
END $$;
