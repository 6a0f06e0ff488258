-- The write lock at once: a reader that becomes a writer later can be refused by SQLite.
BEGIN IMMEDIATE
