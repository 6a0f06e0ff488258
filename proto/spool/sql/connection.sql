-- What each connection sets. auto_vacuum (of a new file) gives the disk back after an outage; FULL
-- makes an append durable when it returns, also over a power cut.
PRAGMA auto_vacuum = FULL;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
