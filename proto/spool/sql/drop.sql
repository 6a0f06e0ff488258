-- ?1 number
DELETE FROM request WHERE number = ?1
