/* One request for the register, whatever way it came in: frames of events with an adapter, from
 * somebody, to be answered once or (pull, subscriptions, spool) not at all. Whoever makes one
 * embeds it as its first member; reply() ends it. The batcher owns it between batcher_submit() and
 * reply(). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "proto/wire/frame.h"

enum outcome {
        OUTCOME_ACK,    /* committed: body is the verdicts */
        OUTCOME_BUSY,   /* nothing is promised: body has retry_after_ms and reason */
        OUTCOME_FAILED, /* a mistake of ours: body is an ERR body */
};

struct request {
        struct request *next;
        const char *peer; /* the principal's name */
        const char *const *sources;
        const char *subscription; /* that came by one whose sources are learned; NULL: not */
        struct frame adapter, id;
        const struct frame *events;
        size_t n_events, bytes;
        bool own;             /* made by the daemon itself (struct delivery) */
        uint64_t lane;        /* requests of one lane go to one writer, in order */
        uint64_t received_us; /* monotonic */
        void (*reply)(struct request *r, enum outcome outcome, const char *body, size_t size);
};
