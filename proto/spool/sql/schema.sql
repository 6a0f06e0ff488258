-- A new file. user_version is this layout's number.
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS request (
  number     INTEGER PRIMARY KEY AUTOINCREMENT, -- never reused: readers keep their place by it
  at_us      INTEGER NOT NULL,
  request_id TEXT NOT NULL,
  adapter    TEXT NOT NULL,
  source     TEXT NOT NULL,
  refusal    TEXT                               -- verdicts, once finally refused
) STRICT;
CREATE INDEX IF NOT EXISTS request_queued ON request (number) WHERE refusal IS NULL;
CREATE INDEX IF NOT EXISTS request_refused ON request (number) WHERE refusal IS NOT NULL;
CREATE TABLE IF NOT EXISTS part (
  number   INTEGER NOT NULL REFERENCES request ON DELETE CASCADE,
  position INTEGER NOT NULL,
  body     BLOB NOT NULL,
  PRIMARY KEY (number, position)
) STRICT;
PRAGMA user_version = 1;
COMMIT;
