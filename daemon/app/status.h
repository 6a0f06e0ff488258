/* What `status` says: the register's part, and what only the daemon knows. */
#pragma once

#include "daemon/app/manager.h"

/* json: of the past (api.as_of). Nothing of now is put beside it, but the version of what reads it.
 */
void status_write_past(const char *json, size_t size, struct buffer *b);
/* json: result of api.status, or NULL while the database is away. */
void status_write(const struct manager *m, const char *json, size_t size, struct buffer *b);
