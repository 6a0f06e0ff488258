-- One migration at a time, whoever starts it. Held by the session, so over all its transactions.
SELECT pg_advisory_lock(hashtext('capad migrate'));
