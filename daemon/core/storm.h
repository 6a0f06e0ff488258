/* From when on new failures of a rule are a storm, "storm" of a rule: read here, carried out by the
 * register, which has a limit of its own for rules without one. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/util.h"
#include "proto/duration/duration.h"

struct reader;

#define STORM_FAILURES_MAX 100000U

struct storm {
        bool given;
        unsigned n; /* more new ones than this; 0: never a storm */
        struct duration within;
};

/* Read the object at node. Returns 0 or -ENOMEM; what is wrong with it is a complaint. */
int storm_read(struct reader *r, uint32_t node, struct storm *ret) must_check_;
