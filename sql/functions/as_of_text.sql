-- A text of SQL with the register's schemas replaced by the session's temporary one.
CREATE OR REPLACE FUNCTION capa.as_of_text(text_ text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
  SELECT regexp_replace(regexp_replace(regexp_replace(text_, 'SET search_path TO [^\n]*', 'SET search_path TO ''pg_temp''', 'g'),
                                       '\mapi\.(?=\w)', 'pg_temp.api_', 'g'), '\mcapa\.', 'pg_temp.', 'g')
$$;
