/* Durations: "90s 15m 2h 3d 5bd 2w 6mo", whole numbers. Parsed here and nowhere else; SQL receives
 * the parts and only adds them to a calendar. s, m, h are exact; the others are calendar units. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/buffer.h"
#include "proto/base/problem.h"

enum duration_error { DURATION_E_INVALID = 1 };

struct duration {
        int64_t seconds;       /* of s, m, h */
        int32_t days;          /* of d, w */
        int32_t business_days; /* of bd */
        int32_t months;        /* of mo */
};

/* One number and one unit, 1 .. about 100 years; "0s" is allowed. Returns 0 or DURATION_E_INVALID.
 */
int duration_parse(const char *text, size_t size, struct duration *ret,
                   struct problem *reterr) must_check_;
bool duration_is_exact(const struct duration *d);
/* As people write it: "7d", "10m". */
void duration_to_text(const struct duration *d, struct buffer *b);
/* The form that SQL takes: {"mo":0,"d":7,"bd":0,"s":0} */
void duration_to_json(const struct duration *d, struct buffer *b);
/* Largest span this can be, in microseconds, for timers and for capactl's "in 3 days". */
int64_t duration_us(const struct duration *d);
