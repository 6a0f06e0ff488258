/* "0 3 * * 1-5": the minutes at which something is to happen. Five fields: minute, hour, day of the
 * month, month, weekday (0 or 7 is Sunday; sun-sat, jan-dec); "*", lists, ranges, steps. Where both
 * days are given one of them is enough, as cron has it. Only the form is known here; which moments
 * it names in a time zone is computed by the register. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/buffer.h"
#include "proto/base/problem.h"
#include "proto/base/util.h"

enum cron_error { CRON_E_INVALID = 1 };

struct cron { /* bit n: the value n */
        uint64_t minutes;
        uint32_t hours, days, months, weekdays; /* weekdays: 0 Sunday .. 6 */
        bool any_day, any_weekday;              /* the field is "*" */
};

/* Returns 0 or CRON_E_INVALID; the problem's offset is that of the field. */
int cron_parse(const char *text, size_t size, struct cron *ret, struct problem *reterr) must_check_;
/* {"minute":[],"hour":[],"day":[],"month":[],"weekday":[]}; a day or weekday of "*" is null */
void cron_to_json(const struct cron *c, struct buffer *b);
