-- The partitions of a table, oldest first; of the default one `upto` is null.
CREATE OR REPLACE FUNCTION capa.partition_list(table_ text)
RETURNS TABLE (name text, upto timestamptz, bytes bigint) LANGUAGE sql STABLE AS $$
  SELECT c.relname::text,
         (regexp_match(pg_get_expr(c.relpartbound, c.oid), 'TO \(''([^'']+)''\)'))[1]::timestamptz,
         pg_table_size(c.oid)
  FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
  WHERE i.inhparent = format('capa.%I', table_)::regclass ORDER BY 2
$$;
