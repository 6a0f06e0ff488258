/* What judge_explain says, as lines for people. */
#pragma once

#include "proto/base/buffer.h"

/* json: the object of judge_explain. Appends a JSON list of strings to b. */
void explain_lines(const char *json, size_t size, struct buffer *b);
