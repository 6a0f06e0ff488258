/* Globs, as the shell has them for names: "*" any text, "?" any character, "[a-z]", "[!a-z]" one of
 * these or none of them, a backslash for what stands for itself. They become expressions at load,
 * so that they meet whole characters, and no glob takes longer than its text is long. */
#pragma once

#include "daemon/core/pattern.h"

/* The pattern of a glob; NULL after a complaint about node. */
int glob_read(struct reader *r, uint32_t node, const struct text *glob, bool nocase,
              struct pattern **ret) must_check_;
