/* References as people type them: 17, nc-17, NC-17. Pure. */
#pragma once

#include <stddef.h>

#include "proto/base/util.h"

#define REFERENCE_MAX 32

enum reference_error { REFERENCE_E_INVALID = 1 };

/* Write the normal form ("NC-17") into ret. Plain digits get the prefix given
 * (NULL: NC; "": none). */
int reference_normalise(const char *text, const char *prefix, char ret[REFERENCE_MAX]) must_check_;
