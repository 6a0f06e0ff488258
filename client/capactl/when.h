/* Moments for people: relative and absolute, in local time with its zone; and the moments that
 * people type. Pure but for the zone of the process (TZ). Times are UTC microseconds since 1970. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "proto/base/buffer.h"
#include "proto/base/problem.h"
#include "proto/base/util.h"

enum when_error { WHEN_E_INVALID = 1 };

#define WHEN_TEXT_MAX 80

int64_t when_now(void);
/* "in 3 days", "2 hours ago", "now" */
void when_relative(int64_t at_us, int64_t now_us, char ret[WHEN_TEXT_MAX]);
/* "Wed 2026-11-25 17:00 CET" */
void when_absolute(int64_t at_us, char ret[WHEN_TEXT_MAX]);
/* "in 3 days (Wed 2026-11-25 17:00 CET)" for RFC 3339 text; the text itself if it is none; "" for
 * NULL. */
void when_both(const char *rfc3339, int64_t now_us, char ret[2 * WHEN_TEXT_MAX]);

/* The same sentence with each UTC moment in it ("2026-11-25T16:00:00.000000Z", "2026-11-25 16:00
 * UTC") as an absolute local one. The caller frees it; NULL without memory. */
char *when_localised(const char *sentence);

/* What a person typed as a moment, as the daemon takes it: durations and dates stay as they are, a
 * local date and time ("2026-11-25 17:00", "today", "tomorrow 9:30") becomes RFC 3339 in UTC or a
 * date. Returns 0, WHEN_E_INVALID, -ENOMEM. */
int when_typed(const char *text, int64_t now_us, struct buffer *ret,
               struct problem *reterr) must_check_;
