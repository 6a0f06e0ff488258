/* Memory that is given back all at once: what a ruleset keeps for its life, and what a judge needs
 * for one frame or one part of it. Pointers stay valid until the arena is cleared or done. */
#pragma once

#include <stddef.h>

#include "daemon/core/text.h"
#include "proto/base/util.h"

struct arena_block;

struct arena {
        struct arena_block *blocks; /* newest first */
};

#define ARENA_NULL ((struct arena){0})

void arena_done(struct arena *a);
/* Forget everything, but keep one ordinary block for the next use. */
void arena_clear(struct arena *a);

/* Zeroed memory, aligned for any type; NULL when there is none. */
void *arena_alloc(struct arena *a, size_t size) must_check_;
/* n zeroed elements of size bytes; NULL when there is no memory (also on overflow). */
void *arena_array(struct arena *a, size_t n, size_t size) must_check_;
/* A NUL-terminated copy of size bytes. */
char *arena_dup(struct arena *a, const char *data, size_t size) must_check_;
/* The same as a text: 0 or -ENOMEM. */
int arena_text(struct arena *a, const char *data, size_t size, struct text *ret) must_check_;
