-- The criterion that an NC's own events propose (`criterion --auto`), and what was measured, in one sentence.
--   passes come (another rule clears its rule)  pass_count: three of them, within three times their middle distance: three runs
--   else                                        event_silence: three times the middle distance of its fails; at least the longest
--                                               silence that the fault kept by itself, for less proves nothing; at most the
--                                               recurrence window, beyond which a fail is another NC anyway
-- Of less than three events no rate is known: span is null, and the policy's window stands. By hand there is no rule to ask.
CREATE OR REPLACE FUNCTION capa.criterion_auto(n capa.nc, OUT method text, OUT passes int, OUT span jsonb, OUT why text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
  kind "char";
  word text;
  gaps record;
  most interval := capa.setting_interval('recurrence_window');
  wanted interval;
BEGIN
  IF n.rule IS NULL THEN
    PERFORM capa.fail('refused', format('NC-%s was raised by hand: no rule says how to prove it.', n.id), NULL,
      format('capactl criterion NC-%s --method manual --text TEXT', n.id));
  END IF;
  method := CASE WHEN EXISTS (SELECT FROM capa.rule r
      WHERE r.ruleset = (SELECT l.sha256 FROM capa.loaded l WHERE l.kind = 'rules' ORDER BY l.version DESC LIMIT 1)
        AND CASE jsonb_typeof(r.body -> 'clears') WHEN 'string' THEN r.body ->> 'clears' = n.rule
                 WHEN 'array' THEN r.body -> 'clears' ? n.rule ELSE false END)
    THEN 'pass_count' ELSE 'event_silence' END;
  kind := CASE method WHEN 'pass_count' THEN 'p' ELSE 'f' END;
  word := CASE method WHEN 'pass_count' THEN 'passes' ELSE 'fails' END;
  passes := CASE method WHEN 'pass_count' THEN 3 END;
  SELECT * INTO gaps FROM capa.event_gaps(n.id, kind);
  IF gaps.events < 3 OR gaps.longest <= '0' THEN
    why := format('%s %s so far: no rate to measure, so the window is the policy''s', gaps.events, word);
    RETURN;
  END IF;
  wanted := least(CASE method WHEN 'pass_count' THEN 3 * gaps.median ELSE greatest(3 * gaps.median, gaps.longest) END, most);
  span := capa.span_of(wanted);
  why := format('%s %s, in the middle %s apart%s', gaps.events, word, capa.span_text(capa.span_of(gaps.median)),
    CASE WHEN wanted = most THEN format(': at most %s', capa.span_text(capa.span_of(most)))
         WHEN method = 'event_silence' AND gaps.longest > 3 * gaps.median THEN format(', once %s: no shorter than that', capa.span_text(capa.span_of(gaps.longest)))
         WHEN method = 'pass_count' THEN ': three runs' ELSE ': three times that' END);
END $$;
