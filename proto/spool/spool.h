/* The disk queue for events whose ack could not be had: a crash-safe FIFO in one SQLite file. A
 * request is kept whole (request-id, adapter, event frames) and sent again under the same
 * request-id, so that what had been committed comes back as duplicate. Used by libcapa and, for
 * pull and subscriptions while the database is away, by the daemon. Each call is its own
 * transaction; several processes may share a file (SQLite locks, busy timeout 5 s). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/problem.h"
#include "proto/wire/frame.h"

enum spool_error {
        SPOOL_E_FULL = 1, /* LIMIT_SPOOL_BYTES reached */
        SPOOL_E_FAILED,   /* SQLite's own error: the problem has its sentence */
        SPOOL_E_EMPTY,    /* nothing (more) to read */
};

struct spool;

/* What to keep; borrowed for the call. Texts may be NULL (read back as ""), n_frames may be 0. */
struct spool_request {
        const char *request_id;
        const char *adapter;
        const char *source; /* who gave it (subscription name) */
        const struct frame *frames;
        size_t n_frames;
};

struct spool_entry {
        int64_t number; /* order; key for spool_drop and spool_refuse */
        int64_t at_us;  /* when it was spooled */
        char *request_id;
        char *adapter;
        char *source;         /* who gave it (subscription name), "" else */
        struct frame *frames; /* owned, as are the bytes they point to */
        size_t n_frames;
        char *refusal; /* verdicts JSON of a refused one, NULL in the queue */
};

/* Open or create (mode 0600); the folder must exist. Returns 0, SPOOL_E_FAILED, -ENOMEM. */
int spool_open(const char *path, struct spool **ret, struct problem *reterr) must_check_;
struct spool *spool_free(struct spool *s);
void spool_free_p(struct spool **s);
/* A limit below LIMIT_SPOOL_BYTES, for this handle. */
void spool_limit(struct spool *s, uint64_t bytes);

/* All below return 0, a spool_error, or -ENOMEM. */

/* Keep a request; durable when this returns 0. SPOOL_E_FULL also where the disk is full. */
int spool_append(struct spool *s, const struct spool_request *request,
                 struct problem *reterr) must_check_;
/* Oldest entry with number > after; SPOOL_E_EMPTY at the end. *ret is untouched on failure and is
 * given back with spool_entry_done. Two processes may see the same entry: sending it twice is
 * harmless. */
int spool_next(struct spool *s, int64_t after, struct spool_entry *ret,
               struct problem *reterr) must_check_;
int spool_next_refused(struct spool *s, int64_t after, struct spool_entry *ret,
                       struct problem *reterr) must_check_;
/* Forget an entry, queued or refused; one that is gone already is no error. */
int spool_drop(struct spool *s, int64_t number, struct problem *reterr) must_check_;
/* Final refusal: leaves the queue, kept apart with the verdicts it got. */
int spool_refuse(struct spool *s, int64_t number, const char *verdicts,
                 struct problem *reterr) must_check_;
int spool_count(struct spool *s, uint64_t *ret_queued, uint64_t *ret_refused,
                struct problem *reterr) must_check_;
void spool_entry_done(struct spool_entry *e);
