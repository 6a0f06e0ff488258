/* One batch of events in the form that api.ingest takes (sql/README.md, "What ingest takes"): a
 * text of meta data and one run of bytes. The memory is kept from batch to batch. Filled by app,
 * which knows rules and verdicts; here is only the form. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/buffer.h"
#include "proto/json/tape.h"
#include "proto/seal/hash.h"
#include "proto/wire/frame.h"

struct ingest_case { /* what one rule says; the same rule, fingerprint, effect and grade is one case
                      */
        unsigned rule;
        const char *effect; /* static: "fail", "pass" */
        const struct hash *fingerprint;
        const char *grade;                /* static, or NULL */
        struct frame title, found, asset; /* data NULL where absent */
};

struct ingest_event {
        const uint8_t *key; /* KEY_BYTES */
        const struct hash *body_hash;
        size_t offset, size;                    /* within the frame stored last */
        struct frame source, id, type, subject; /* data NULL where absent */
        const char *adapter;                    /* "" for CloudEvents */
        int64_t observed_us, first_seen_us;     /* 0 where absent */
        bool conflicts;
        bool fanned_out;    /* its frame is stored with the first event of this frame */
        const char *status; /* NULL, "ignored", "invalid" */
        const char *why;    /* with "invalid" */
        const struct ingest_case *cases;
        size_t n_cases;
};

struct ingest_batch {
        struct buffer cases, events, meta, bodies;
        struct ingest_slot *slots; /* hash table of the cases */
        unsigned n_slots, n_cases;
        unsigned n_events;
        unsigned frame_event; /* number of the first event of the frame stored last */
        size_t frame_offset, frame_size;
};

void ingest_batch_done(struct ingest_batch *b);
void ingest_batch_clear(struct ingest_batch *b);

/* Start a frame: the bytes that the following events are ranges of. Copied when its first event
 * comes. */
void ingest_frame(struct ingest_batch *b);
/* Add one event of the current frame; body is the whole frame. 0 or -ENOMEM. */
int ingest_add(struct ingest_batch *b, const struct frame *body,
               const struct ingest_event *e) must_check_;
/* Put the meta text together; afterwards b->meta.data and b->bodies are what to send. */
int ingest_finish(struct ingest_batch *b, const char *daemon, const char *ruleset) must_check_;
