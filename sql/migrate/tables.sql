-- What was done to this database. After the first migration, which makes the schema.
CREATE TABLE IF NOT EXISTS capa.migration (
  name   text PRIMARY KEY,
  sha256 text NOT NULL,
  at     timestamptz NOT NULL DEFAULT clock_timestamp()
);
-- Which functions are in: one row, the fingerprint of the program that applied them.
CREATE TABLE IF NOT EXISTS capa.applied (
  fingerprint text NOT NULL,
  at          timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE UNIQUE INDEX IF NOT EXISTS applied_one ON capa.applied ((true));
