/* A CloudEvent 1.0 in structured JSON mode, read from a tape: where its attributes are, nothing
 * copied. Rules: specversion "1.0"; id, source, type non-empty strings; subject, time, and all
 * extensions optional; attribute values at most LIMIT_ENVELOPE_BYTES. */
#pragma once

#include "proto/json/tape.h"

enum cloudevent_error { CLOUDEVENT_E_INVALID = 1 };

#define CLOUDEVENT_ABSENT UINT32_MAX

struct cloudevent {
        uint32_t source, id, type;    /* nodes on the tape */
        uint32_t subject, time, data; /* node or CLOUDEVENT_ABSENT */
};

int cloudevent_read(const struct json_tape *t, struct cloudevent *ret,
                    struct problem *reterr) must_check_;
