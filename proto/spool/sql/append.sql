-- ?1 microseconds since 1970, ?2 request-id, ?3 adapter, ?4 source
INSERT INTO request (at_us, request_id, adapter, source) VALUES (?1, ?2, ?3, ?4)
