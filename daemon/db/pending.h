/* Statements that were sent and have no answer yet, oldest first. Inner to daemon/db. */
#pragma once

#include <stdint.h>

#include "daemon/db/answer.h"
#include "proto/base/util.h"

enum pending_kind {
        PENDING_STATEMENT, /* a caller's: fn is told */
        PENDING_SETTING,   /* of the session: must succeed */
        PENDING_SCHEMA,    /* the register's fingerprint */
        PENDING_PREPARE,   /* of one query */
};

struct pending {
        enum pending_kind kind;
        unsigned query;
        answer_fn fn;
        void *userdata;
        uint64_t sent_us;
};

struct pending_queue {
        struct pending *ring;
        unsigned first, n, n_allocated;
};

/* A new last entry, zeroed but for its time; NULL: no memory. */
struct pending *pending_push(struct pending_queue *q, uint64_t now_us) must_check_;
/* Both only while n > 0. */
struct pending pending_pop(struct pending_queue *q);
const struct pending *pending_first(const struct pending_queue *q);
void pending_done(struct pending_queue *q);
