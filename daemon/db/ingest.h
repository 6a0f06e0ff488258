/* One batch of events in the form that api.ingest takes (sql/README.md, "What ingest takes"): meta
 * data as columns, and one run of bytes. The memory is kept from batch to batch. Filled by app,
 * which knows rules and verdicts; here is only the form. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "daemon/db/intern.h"
#include "proto/base/buffer.h"
#include "proto/seal/hash.h"
#include "proto/wire/frame.h"

struct ingest_case { /* what one rule says; the same rule, fingerprint, effect and grade is one case
                      */
        unsigned rule;
        const char *effect; /* static: "fail", "pass", "begin" */
        const struct hash *fingerprint;
        const struct hash *was; /* fingerprints that it had before */
        unsigned n_was;
        const char *grade;                /* static, or NULL */
        struct frame title, found, asset; /* data NULL where absent */
        struct frame controls;         /* JSON list, where the event named some; else data NULL */
        struct frame subject;          /* of a rule that expects events; data NULL where absent */
        const struct hash *by, *value; /* what it is counted by; NULL where absent */
        unsigned step;                 /* of a sequence, from 1; 0 where absent */
        bool grows;                    /* no pass came */
};

struct ingest_event {
        const uint8_t *key; /* KEY_BYTES */
        const struct hash *body_hash;
        size_t offset, size;                    /* within the current frame */
        struct frame source, id, type, subject; /* data NULL where absent */
        const char *adapter;                    /* "" for CloudEvents */
        struct frame redacted; /* JSON list of what the adapter took out; data NULL where nothing */
        int64_t observed_us, first_seen_us; /* 0 where absent */
        const char *aside; /* NULL, or the status of one that is kept beside the register */
        const char *why;   /* reason of one that is aside, or NULL */
};

struct ingest_batch {
        struct buffer cases, more, aside, frames, heard, meta, heads, bytes, bodies;
        struct intern case_keys, texts, heard_keys;
        struct ingest_row *rows;
        unsigned n_rows, n_allocated; /* n_rows: events so far */
        unsigned n_frames;            /* fanned-out ones */
        bool fans_out;
        bool watched;             /* has a case with a subject */
        bool redacts;             /* has an event that an adapter took something out of */
        const char *subscription; /* by which what is added comes, where that is to be learned;
                                     borrowed */
        size_t frame_offset;
        struct salts salts;
};

void ingest_batch_done(struct ingest_batch *b);
void ingest_batch_clear(struct ingest_batch *b);

/* Start a frame: its bytes are copied; the following events are ranges of it. fans_out: each event
 * is a part of the frame, not the frame itself. */
void ingest_frame(struct ingest_batch *b, const struct frame *bytes, bool fans_out);
/* Add one event of the current frame. 0 or -ENOMEM. */
int ingest_add(struct ingest_batch *b, const struct ingest_event *e) must_check_;
/* Add a case to the event added last. */
int ingest_add_case(struct ingest_batch *b, const struct ingest_case *c) must_check_;
/* Put it together; afterwards b->meta (text) and b->bodies (binary) are what to send. */
int ingest_finish(struct ingest_batch *b, const char *daemon, const char *ruleset) must_check_;
