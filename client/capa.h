/* libcapa: talk to capad from a program. Emit events with an ack that means committed (and a disk
 * spool for when it can't be had), call a method, watch the published stream.
 *
 * Threads: a handle belongs to one thread at a time; different handles are independent. A handle
 * must not be used on the other side of a fork().
 *
 * Answers: 0 done; negative errno = fatal (memory, sockets); positive enum capa_error = an answer
 * that the caller handles; capa_problem() then has a sentence for people. Outputs are untouched
 * unless the function's comment says otherwise. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CAPA_API __attribute__((visibility("default")))

#define CAPA_DEFAULT_INGEST  "ipc:///run/capad/ingest.sock"
#define CAPA_DEFAULT_CONTROL "ipc:///run/capad/control.sock"
#define CAPA_DEFAULT_PUBLISH "ipc:///run/capad/publish.sock"
#define CAPA_DEFAULT_TIMEOUT 5000 /* ms */

enum capa_error {
        CAPA_E_NO_ANSWER = 1, /* nobody answered within the timeout. A call that had been sent may
                               * still have been done: look before repeating it. */
        CAPA_E_SPOOLED,       /* emit: no ack, but the events are safe in the spool */
        CAPA_E_REFUSED,       /* the daemon answered ERR; the answer is its JSON */
        CAPA_E_LIMIT,         /* beyond a limit: neither sent nor spooled */
        CAPA_E_INVALID,       /* no JSON, or no CloudEvent: neither sent nor spooled */
        CAPA_E_SPOOL,         /* no ack, and the spool could not be written: nothing is kept */
        CAPA_E_PROTOCOL,      /* the peer speaks something else */
};

struct capa; /* opaque handle */

struct capa_options { /* all borrowed during capa_connect; NULL and 0 mean the default */
        const char *ingest;
        const char *control;
        const char *publish;
        const char *spool; /* path of the spool file; NULL: no spool */
        int timeout_ms;    /* for one emit or call, over all retries */
};

struct capa_bytes { /* borrowed */
        const void *data;
        size_t size;
};

/* Make a handle. Sockets are opened when first needed, so this succeeds with the daemon away. */
CAPA_API int capa_connect(const struct capa_options *options, struct capa **ret);
/* Close and free; NULL is fine. Returns NULL. Never blocks. */
CAPA_API struct capa *capa_close(struct capa *c);
CAPA_API void capa_close_p(struct capa **c);
/* Sentence about the last failure of this handle, "" if none; valid until its next use. */
CAPA_API const char *capa_problem(const struct capa *c);

/* Would libcapa take this event? Checks size, JSON, and, with an empty adapter, the CloudEvents
 * envelope. Returns 0, CAPA_E_LIMIT or CAPA_E_INVALID. */
CAPA_API int capa_check_event(struct capa *c, const char *adapter, const void *event, size_t size);

/* Push 1..500 events (16 MiB together) as one request and wait for the ack. adapter "" means
 * CloudEvents. With a spool, what lies in it goes first, so that order is kept. BUSY is repeated
 * with the same request-id until the timeout; then, or with nobody there, the request is spooled.
 * 0: *ret_answer is {"verdicts":[...]}, one for each event, committed; CAPA_E_REFUSED: the ERR
 * JSON. The caller frees *ret_answer. */
CAPA_API int capa_emit(struct capa *c, const char *adapter, const struct capa_bytes *events,
                       size_t n_events, char **ret_answer);
/* As capa_emit, for a caller that keeps the events itself and comes again: under the caller's
 * request-id (16 to 256 bytes), without the spool. Sent again with the same id and bytes, what had
 * been committed comes back as duplicate. CAPA_E_NO_ANSWER: nothing is promised, send it again. */
CAPA_API int capa_put(struct capa *c, const char *request_id, const char *adapter,
                      const struct capa_bytes *events, size_t n_events, char **ret_answer);
/* Send what the spool holds, oldest first. Refused requests are kept apart in the spool. Returns
 * 0 when it is empty, CAPA_E_NO_ANSWER when somebody must be asked again later. The counts (of
 * requests) are set in both cases; NULL is fine. */
CAPA_API int capa_flush(struct capa *c, uint64_t *ret_sent, uint64_t *ret_refused);

/* Call a method on the control endpoint. params is a JSON object (NULL: {}); attachments 0..8.
 * 0: *ret_answer is the JSON result; CAPA_E_REFUSED: {"code","message",...}. Freed by the caller,
 * NUL-terminated, *ret_size without the NUL. */
CAPA_API int capa_call(struct capa *c, const char *method, const char *params,
                       const struct capa_bytes *attachments, size_t n_attachments,
                       char **ret_answer, size_t *ret_size);
/* PING the control endpoint; the answer is {"version","epoch","journal_seq","database"}. */
CAPA_API int capa_ping(struct capa *c, char **ret_answer);

/* The published stream. Topics are prefixes ("escalation.", "nc.raised", "" for all) and add up. */
CAPA_API int capa_watch(struct capa *c, const char *const *topics, size_t n_topics);
struct capa_message { /* valid until the next call on this handle */
        const char *topic;
        uint64_t sequence;
        const char *event; /* CloudEvent JSON */
        size_t event_size;
};
/* Next message; waits at most timeout_ms (-1: without end). 0, CAPA_E_NO_ANSWER on timeout, -EINTR
 * when a signal came. Messages that are not three frames are skipped. */
CAPA_API int capa_watch_next(struct capa *c, int timeout_ms, struct capa_message *ret);

#ifdef __cplusplus
}
#endif
