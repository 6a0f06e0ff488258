/* Reading a configuration file into memory. */
#pragma once

#include <stddef.h>

#include "daemon/core/ruleset.h"

/* Read a whole file of at most LIMIT_CONFIG_BYTES; on failure one complaint. *ret_text is
 * NUL-terminated, to be freed. 0, positive after a complaint, -ENOMEM. */
int file_read(const char *path, char **ret_text, size_t *ret_size,
              struct complaints *reterr) must_check_;
