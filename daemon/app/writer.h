/* One connection for events and the way of batches over it. Inner to the batcher, which owns all of
 * it. */
#pragma once

#include "daemon/app/batcher.h"

struct writer {
        struct batcher *batcher;
        struct connection *connection;
        struct request *queue, *queue_last;
        struct batch *filling;
        struct batch *flying; /* oldest first */
        unsigned n_flying, n_outstanding;
        char committed[24]; /* token of the last batch that this session committed */
        sd_event_source *timer;
        uint64_t timer_us; /* when the timer is due; 0: it is not set */
        bool now;          /* what is filled goes without waiting for more */
};

struct batcher {
        sd_event *event;
        struct batcher_config config;
        struct batcher_events events;
        struct batcher_counters counters;
        struct writer writers[WRITERS_MAX];
        unsigned n_writers;
        struct batch *spare;
        struct judge *judge;
        struct ruleset *rules;
        bool loaded;
        size_t bytes; /* of all requests that are not answered */
        uint64_t unique, tokens;
        sd_event_source *check;
};

/* Do what can be done now; called after each change: a request, an answer, the timer. -errno is
 * fatal. */
int writer_pump(struct writer *w) must_check_;
int writer_on_timer(sd_event_source *s, uint64_t usec, void *userdata); /* of w->timer */
/* BUSY for all that is not in flight. */
void writer_queue_busy(struct writer *w, const char *reason);
void writer_batch_busy(struct writer *w, struct batch *batch, const char *reason);
/* The batch leaves the list of those in flight, and is kept for reuse. */
void writer_unlink(struct writer *w, struct batch *batch);
void batcher_release(struct batcher *b, struct batch *batch);
void batcher_busy(struct batcher *b, struct request *r, const char *reason);
