/* The one queue of requests and the batches they become. Requests of one lane (a peer) go to one
 * writer and are applied in the order given. A batch is sent at once when nothing is on its way,
 * else when it is full or a moment after its first request, as long as fewer than two are on their
 * way; what cannot go yet waits, bounded in bytes, and batcher_full() tells the sockets to leave
 * the rest unread. When the database is away every request is answered BUSY at once: nothing is
 * held for later, the sender owns the event.
 *
 *   submit ──► queue ──judge──► filling ──► in flight ──► answered
 *                                  ▲          │ data error: once more, carefully
 *                                  │          │ deadlock: once more
 *                                  └── none   │ connection lost: BUSY
 */
#pragma once

#include <stdbool.h>

#include <systemd/sd-event.h>

#include "daemon/app/batch.h"
#include "daemon/db/connection.h"

#define WRITERS_MAX 2U

struct batcher;

struct batcher_config {
        unsigned batch_events;
        uint64_t batch_us, timeout_us;
        size_t queue_bytes;
        unsigned retry_ms;
        const char *daemon_name;
};

struct batcher_events {
        /* A statement broke in a way that is our own mistake: message is the server's. */
        void (*on_broken)(const char *sqlstate, const char *message, void *userdata);
        /* A batch was committed. */
        void (*on_committed)(void *userdata);
        /* The database does not know our rules (CA005): load them, then it goes on. */
        void (*on_unknown_rules)(void *userdata);
        void *userdata;
};

int batcher_new(sd_event *event, const struct batcher_config *config,
                const struct batcher_events *events, struct batcher **ret) must_check_;
struct batcher *batcher_free(struct batcher *b); /* what is open is answered BUSY */
void batcher_free_p(struct batcher **b);

int batcher_add_writer(struct batcher *b,
                       struct connection *c) must_check_; /* borrowed; at most WRITERS_MAX */
/* A writer became ready or was lost. */
void batcher_writer_state(struct batcher *b, const struct connection *c, bool ready);
/* Which rules judge from now on; takes its own reference. What was judged already keeps its rules.
 */
void batcher_set_rules(struct batcher *b, struct ruleset *rules);
/* The database has got these rules: batches may be sent. Until then requests are BUSY. */
void batcher_set_loaded(struct batcher *b, bool loaded);

/* Takes r over and answers it once, perhaps before it returns. -errno is fatal. */
int batcher_submit(struct batcher *b, struct request *r) must_check_;
bool batcher_full(const struct batcher *b);
bool batcher_idle(const struct batcher *b);  /* nothing queued, nothing in flight */
bool batcher_ready(const struct batcher *b); /* a request would be taken now */
/* A batch has been on its way for longer than its time although the database is up: no progress. */
bool batcher_stuck(const struct batcher *b);

struct batcher_counters {
        struct batch_counters events;
        uint64_t requests, busy, batches, retries, careful;
};
const struct batcher_counters *batcher_counters(const struct batcher *b);
