-- Wakes the publisher: every transaction that writes the journal notifies.
LISTEN capa_journal;
