-- ?1 number to read behind
SELECT number, at_us, request_id, adapter, source, refusal,
       (SELECT count(*) FROM part WHERE part.number = request.number)
FROM request WHERE refusal IS NULL AND number > ?1 ORDER BY number LIMIT 1
