-- ?1 number
SELECT body FROM part WHERE number = ?1 ORDER BY position
