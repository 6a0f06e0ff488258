/* Many events to the daemon: filled into requests of at most 500, their verdicts counted and told.
 * Used by capactl emit, and by stream.c for what never ends. */
#pragma once

#include <stdint.h>

#include "client/capactl/session.h"
#include "proto/base/limits.h"
#include "proto/wire/code.h"

struct emission {
        struct session *session;
        /* Another way than capa_emit and its spool; NULL: that one. -EINTR: stop, and say nothing.
         */
        int (*put)(void *of, const struct capa_bytes *events, size_t n, char **ret_answer);
        void *put_of;
        const char *adapter; /* borrowed; "" for CloudEvents */
        struct buffer bytes; /* of the events of the request being filled */
        size_t offsets[LIMIT_PUT_EVENTS + 1];
        char *places[LIMIT_PUT_EVENTS]; /* "file:line" of each, owned */
        size_t n;
        uint64_t n_events, n_spooled, verdicts[VERDICT_MAX];
        struct buffer json;     /* --json: the verdicts so far, comma between */
        struct buffer only;     /* --json: the first answer, as it came */
        unsigned n_answers;     /* that went into json */
        int64_t progress_at_us; /* when progress was last shown */
        bool progress_shown;
        int status; /* exit status so far; once not 0, 1 or 3: stop */
};

void emission_begin(struct emission *e, struct session *s, const char *adapter);
void emission_done(struct emission *e);
/* Add one event; sends when the request is full. place is copied. 0, or an exit status that ends
 * it all, or -errno. */
int emission_add(struct emission *e, const char *place, const void *event, size_t size) must_check_;
/* An event that is not even sent. */
int emission_refuse(struct emission *e, const char *place, enum verdict verdict,
                    const char *sentence) must_check_;
int emission_send(struct emission *e) must_check_; /* what has been added so far */
/* Send the rest, tell the sums, and give the exit status. */
int emission_end(struct emission *e) must_check_;
