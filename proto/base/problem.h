/* A problem for people: one sentence, and where it is. Parsers fill one in when they return a
 * positive code; only the caller decides whether it becomes a log line, a reply or a verdict.
 * Plain value, owns nothing, may be copied. */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "proto/base/util.h"

#define PROBLEM_TEXT_MAX 512

struct problem {
        size_t offset;               /* byte in the text that was parsed; 0 where there is none */
        char text[PROBLEM_TEXT_MAX]; /* a sentence without full stop; valid UTF-8; cut if longer */
};

/* Fill *p if it is not NULL. Cuts at a UTF-8 boundary; control characters of arguments become '?'.
 */
void problem_set(struct problem *p, size_t offset, const char *format, ...) printf_(3, 4);

/* Line and column (both from 1, column in bytes) of offset in text. */
void problem_place(const char *text, size_t size, size_t offset, unsigned *ret_line,
                   unsigned *ret_column);

/* Put "line 1, column 14: " before the sentence, for readers who get no place of their own. text is
 * what was parsed. Does nothing for NULL. */
void problem_locate(struct problem *p, const char *text, size_t size);
