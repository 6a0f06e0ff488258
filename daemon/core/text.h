/* A piece of text that somebody else owns. Used by all of core and by its callers. */
#pragma once

#include <stddef.h>

struct text { /* valid UTF-8, not NUL-terminated; data is NULL where the value is absent */
        const char *data;
        size_t size;
};

#define TEXT_NULL ((struct text){0})
