/* Inside of libcapa: the handle and one exchange on the bus. Only the files of libcapa include
 * this; programs include capa.h. */
#pragma once

#include "client/capa.h"
#include "proto/base/problem.h"
#include "proto/spool/spool.h"
#include "proto/wire/frame.h"

#define REQUEST_ID_TEXT 33 /* 128 random bits in hex, and a NUL */

struct capa {
        void *context; /* libzmq's; owned, as is all below */
        void *ingest, *control, *publish;
        char *ingest_endpoint, *control_endpoint, *publish_endpoint;
        int timeout_ms;
        char *spool_path;
        struct spool *spool;
        int64_t away_until_us; /* with a spool: don't ask again before this (monotonic) */
        struct problem problem;
        void *received; /* message that capa_watch_next lent out */
};

struct answer {
        enum wire_status status;
        char *body; /* owned, NUL-terminated */
        size_t size;
};
void answer_done(struct answer *a);

enum channel { CHANNEL_INGEST, CHANNEL_CONTROL };

int64_t monotonic_us(void);
void request_id_make(char ret[REQUEST_ID_TEXT]);
/* Send one request (frames behind the protocol word and verb: the request-id first) and wait for
 * the reply with the same id until the deadline. 0, CAPA_E_NO_ANSWER, CAPA_E_PROTOCOL, -errno. */
int handle_exchange(struct capa *c, enum channel channel, enum wire_verb verb,
                    const struct frame *frames, size_t n_frames, int64_t deadline_us,
                    struct answer *ret) must_check_;
