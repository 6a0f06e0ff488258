/* Text of others on a terminal: cleaned of everything that could steer it. Pure. */
#pragma once

#include <stddef.h>

#include "proto/base/buffer.h"

/* Append s as visible text: control characters (C0, DEL, C1), marks that turn the writing
 * direction, line and paragraph separators and bytes that are no UTF-8 become a visible escape
 * (\x1b, \u202e). A line feed becomes a line feed and `indent` blanks; with indent < 0 it and the
 * tab become one blank. */
void text_clean(struct buffer *b, const char *s, int indent);
/* The same as a new string, the caller frees it; NULL without memory. NULL reads as "". */
char *text_cleaned(const char *s, int indent);
/* Columns that cleaned text takes on a terminal. */
size_t text_width(const char *s);
