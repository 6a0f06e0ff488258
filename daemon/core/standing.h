/* The standing decision of a rule, "self_close": that what it raises may be closed on the pass
 * event, by which cause, why, and who decided it. Read here, carried out by the register. */
#pragma once

#include <stdint.h>

#include "daemon/core/text.h"
#include "proto/base/util.h"

struct reader;

struct standing {
        struct text cause, category, reason, by; /* category without data: there is none */
};

/* Read the object at node. Returns 0 or -ENOMEM; what is wrong with it is a complaint. */
int standing_read(struct reader *r, uint32_t node, struct standing *ret) must_check_;
