-- After the functions: what is derived from the catalogue.
SELECT capa.register_tables_refresh();
