/* Where the events of a frame are: the elements of an adapter's lists, as nodes of the tape. */
#pragma once

#include "daemon/core/opening.h"

enum fan_out_error { FAN_OUT_E_SHAPE = 1 };

struct elements {
        uint32_t *items; /* in the order of the tape, each once; in an arena */
        uint32_t n;      /* more than LIMIT_FAN_OUT: too many, and the list is cut */
};

/* The elements of a message that are its events, or of each of its documents. An object where the
 * only list is expected counts as a list of itself. FAN_OUT_E_SHAPE: one has no such list, or a
 * text that should hold one doesn't, and the adapter's lists are not optional. 0, FAN_OUT_E_SHAPE,
 * -ENOMEM. */
int fan_out(const struct adapter *a, const struct json_tape *t, const struct openings *o,
            uint32_t message, struct arena *arena, struct elements *ret) must_check_;
