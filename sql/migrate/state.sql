-- Is there a register, and does it know its migrations? -> (schema is there, table is there)
SELECT to_regnamespace('capa') IS NOT NULL, to_regclass('capa.migration') IS NOT NULL;
