/* Events that never end: a source (a followed file, the journal) sent as it comes, in requests
 * whose ids are made of where their first event stands. A request is repeated until it is
 * acknowledged; only then the position is kept. So after any crash the same events go out under the
 * same ids, and what had been committed comes back as duplicate. While capad is away nothing is
 * spooled: the source is the spool. Ended by SIGTERM, SIGINT and SIGHUP. */
#pragma once

#include <signal.h>
#include <stdint.h>

#include "client/capactl/session.h"
#include "proto/base/buffer.h"

#define STREAM_ID_MAX 96

enum stream_error {
        STREAM_E_WAIT = 1, /* nothing whole there now */
        STREAM_E_TOO_LONG, /* an event beyond LIMIT_EVENT_BYTES is passed over */
};

struct stream_source { /* of is the source's own */
        const char *adapter;
        /* The next event, borrowed until the next call. After STREAM_E_WAIT all given so far has
         * been sent. 0, a stream_error, -errno, or an exit status above 1 that was told. */
        int (*next)(void *of, const char **event, size_t *size);
        /* What next gave belongs to the request; first: it begins it. Or it is passed over: not
         * first. */
        void (*take)(void *of, bool first);
        void (*request_id)(void *of, char ret[STREAM_ID_MAX]); /* of the request begun last */
        void (*place)(void *of, char *ret, size_t size); /* of the event given last: "file:7" */
        void (*position)(void *of, struct buffer *b);    /* JSON: behind what was taken last */
        /* Until there may be more, at most about a second; signals are let in meanwhile. */
        int (*wait)(void *of, const sigset_t *signals);
        void *of;
};

struct position;

/* Until a signal. An exit status, or -errno. */
int stream_run(struct session *s, const struct stream_source *source,
               const struct position *position) must_check_;
