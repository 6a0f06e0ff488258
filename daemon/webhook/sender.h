/* The way to capad: a few libcapa handles that the connections share, and the request-id under
 * which a delivery goes, so that one that is sent again is a duplicate. Used by exchange; all
 * functions may be called from any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "proto/base/util.h"

#define REQUEST_ID_MAX 80

struct sender;

enum sender_result {
        SENDER_ACKED = 0,
        SENDER_E_REFUSED = 1, /* capad answered ERR: the answer is its JSON */
        SENDER_E_NO_ANSWER,   /* nothing is promised: the sender must come again */
        SENDER_E_TOO_BIG,     /* beyond a limit; the answer is a sentence */
        SENDER_E_INVALID,     /* no JSON, or no CloudEvent; the answer is a sentence */
};

/* ingest NULL: the default endpoint. n: handles. 0 or -errno. */
int sender_new(const char *ingest, int64_t ack_us, size_t n, struct sender **ret) must_check_;
/* All threads that use it must have ended. */
struct sender *sender_free(struct sender *s);
void sender_free_p(struct sender **s);

struct delivery {           /* borrowed */
        const char *path;   /* of the route */
        const char *number; /* the tool's own number of this delivery, or NULL */
        const void *body;   /* as posted */
        size_t size;
};
/* The request-id of a delivery: of its number; of one without a number that of an equal one not yet
 * acknowledged in the last quarter of an hour, for tools repeat what was not answered with 200;
 * else a new one. */
void sender_name(struct sender *s, const struct delivery *d, char ret[REQUEST_ID_MAX]);

/* One event under a request-id, until its ack, at most ack_us, waiting for a handle included.
 * *ret_answer (freed by the caller) is set but for SENDER_E_NO_ANSWER. A sender_result, or -errno.
 */
int sender_put(struct sender *s, const char *request_id, const char *adapter, const void *event,
               size_t size, char **ret_answer) must_check_;
/* What was named will not come again: it was acknowledged or refused for good. */
void sender_forget(struct sender *s, const char *request_id);
