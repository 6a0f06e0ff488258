/* One connection to PostgreSQL: it connects by itself, prepares every statement of sql/queries,
 * sends them pipelined, each in its own transaction, and gives each answer to who asked, in order.
 * It comes back by itself after any loss. Never blocks, but for the look-up of host names (use
 * hostaddr or a Unix socket). Owns its PGconn and event sources; made and freed by app, on the
 * loop's thread.
 *
 *   DOWN ──start──► CONNECTING ──► PREPARING ──► READY
 *                       ▲   └──────────┴───────────┴── any failure ──► BACKOFF ──delay──┐
 *                       └───────────────────────────────────────────────────────────────┘
 * Every statement that was sent gets exactly one answer: when the connection is lost, ANSWER_AWAY.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <systemd/sd-event.h>

#include "daemon/db/answer.h"
#include "proto/base/util.h"

enum connection_error {
        CONNECTION_E_AWAY = 1, /* not READY: nothing was sent */
        CONNECTION_E_QUERY,    /* no such statement, or the server could not prepare it */
};

struct connection;

struct connection_config {
        const char *name;            /* application_name and log lines; copied */
        const char *conninfo;        /* libpq's form; copied */
        const char *const *channels; /* to LISTEN on, NULL-terminated, or NULL; static */
        bool read_only;              /* may be a standby */
        uint64_t attempt_us;         /* longest attempt to connect */
        uint64_t answer_us; /* longest wait for the oldest answer; the server is told the same */
};

struct connection_events {
        /* READY was entered or left; connection_reason() has the sentence. */
        void (*on_state)(struct connection *c, bool ready, void *userdata);
        void (*on_notify)(const char *channel, const char *payload,
                          void *userdata); /* may be NULL */
        /* A statement could not be prepared: the rest works, this one will not. May be NULL. */
        void (*on_unprepared)(const char *query, const char *message, void *userdata);
        void *userdata;
};

struct parameter {
        const void *data; /* NULL is an SQL null; text is NUL-terminated */
        size_t size;      /* of binary data */
        bool binary;
};
#define PARAMETER_TEXT(s)      ((struct parameter){.data = (s)})
#define PARAMETER_BINARY(d, n) ((struct parameter){.data = (d), .size = (n), .binary = true})

int connection_new(sd_event *event, const struct connection_config *config,
                   const struct connection_events *events, struct connection **ret) must_check_;
/* Open statements get ANSWER_AWAY before it is gone. */
struct connection *connection_free(struct connection *c);
void connection_free_p(struct connection **c);
int connection_start(struct connection *c) must_check_; /* leaves DOWN, once */

/* Begin a new session as soon as no statement is open: for what a session keeps until its end.
 * From now on it is not READY, until the new session is; it still takes what is sent to it. */
void connection_renew(struct connection *c);

bool connection_ready(const struct connection *c);
/* Why it is not READY, as a sentence; "" while READY. Lives as long as the state. */
const char *connection_reason(const struct connection *c);
unsigned connection_pending(const struct connection *c); /* statements without an answer */

/* Send the statement of sql/queries/<query>.sql in its own transaction. At most 8 parameters; the
 * data is copied. fn is called once, never from within this call. Returns 0, CONNECTION_E_*, or
 * -errno. */
int connection_send(struct connection *c, const char *query, const struct parameter *parameters,
                    unsigned n_parameters, answer_fn fn, void *userdata) must_check_;
