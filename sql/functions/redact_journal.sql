-- Takes the bodies, salts and summaries of journal rows that hold texts of an NC: its own rows, and those of others that
-- changed rows of it too. The chain, the open lines and the digests stay. Gives the rows' numbers (with those that rows taken
-- now had said to be redacted, so that the new row says it for all), and what they had changed, as {"table","rows"}.
CREATE OR REPLACE FUNCTION capa.redact_journal(nc_ int, OUT numbers bigint[], OUT changed jsonb) LANGUAGE plpgsql AS $$
BEGIN
  SELECT coalesce(array_agg(b.seq ORDER BY b.seq), '{}') INTO numbers FROM capa.journal_body b
  WHERE b.body IS NOT NULL AND (b.nc = nc_ OR (strpos(b.body, format('"nc": %s', nc_)) > 0 OR strpos(b.body, format('"id": %s', nc_)) > 0)
    AND EXISTS (SELECT FROM jsonb_array_elements(b.body::jsonb -> 'data' -> 'changes') c, jsonb_array_elements(c -> 'rows') r
                WHERE (r ->> 'nc')::int = nc_ OR (c ->> 'table' = 'nc' AND (r ->> 'id')::int = nc_)));
  SELECT coalesce(jsonb_agg(jsonb_build_object('table', x.tbl, 'rows', x.rows) ORDER BY x.tbl), '[]') INTO changed FROM (
    SELECT c ->> 'table' AS tbl, jsonb_agg(r) AS rows
    FROM capa.journal_body b, jsonb_array_elements(b.body::jsonb -> 'data' -> 'changes') c, jsonb_array_elements(c -> 'rows') r
    WHERE b.seq = ANY (numbers) GROUP BY 1) x;
  numbers := ARRAY(
    SELECT unnest(numbers)
    UNION SELECT s::bigint FROM capa.journal j JOIN capa.journal_body b USING (seq),
                 jsonb_array_elements_text(b.body::jsonb #> '{data,rows}') s
    WHERE j.seq = ANY (numbers) AND j.topic = 'evidence.redacted' ORDER BY 1);
  UPDATE capa.journal_body SET body = NULL, salt = NULL, summary = NULL WHERE seq = ANY (numbers);
END $$;
