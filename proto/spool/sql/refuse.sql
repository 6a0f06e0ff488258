-- ?1 number, ?2 verdicts
UPDATE request SET refusal = ?2 WHERE number = ?1
