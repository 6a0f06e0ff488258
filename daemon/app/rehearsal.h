/* Events of a replay on their way into one batch: taken out of the register's JSON, judged by the
 * rules that are tried, and packed by the code that packs live batches. Owns texts and batch; the
 * memory is kept from batch to batch. Used by replay only. */
#pragma once

#include "daemon/app/batch.h"

#define REHEARSAL_EVENTS 500U

struct rehearsal_event {
        struct request request;
        struct frame frame;
        struct buffer text, adapter;
};

struct rehearsal {
        struct rehearsal_event *events; /* REHEARSAL_EVENTS of them */
        unsigned n;
        struct batch *batch;
        struct judge *judge;
        uint64_t unique;
};

int rehearsal_new(struct rehearsal *r) must_check_;
void rehearsal_done(struct rehearsal *r);
void rehearsal_clear(struct rehearsal *r);
static inline bool rehearsal_full(const struct rehearsal *r)
{
        return r->n == REHEARSAL_EVENTS;
}

/* Take a stored frame: `node` is an object with "adapter" and "body", or the text of an event of
 * the daemon's own. Not when full. 0 or -ENOMEM. */
int rehearsal_add(struct rehearsal *r, const struct json_tape *t, uint32_t node) must_check_;
/* Judge what was added; r->batch->wire is then what to send, unless batch_events(r->batch) is 0:
 * only noise, nothing to send. peer: whose the replay is. 0 or -ENOMEM. */
int rehearsal_judge(struct rehearsal *r, struct ruleset *rules, const char *peer,
                    struct batch_counters *counters) must_check_;
