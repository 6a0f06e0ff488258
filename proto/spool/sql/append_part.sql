-- ?1 number, ?2 position from 0, ?3 bytes
INSERT INTO part (number, position, body) VALUES (?1, ?2, ?3)
