/* The canonical text of a JSON value: no blanks or comments, members sorted by their decoded names,
 * strings in the escapes of buffer_add_json_string, numbers as written. What rule and ruleset
 * hashes are over, and the form in which test events of a configuration file are judged. */
#pragma once

#include "proto/base/buffer.h"
#include "proto/json/tape.h"

/* Appends; out of memory leaves the buffer broken. */
void canonical_text(const struct json_tape *t, uint32_t node, struct buffer *b);
