/* Requests and replies as frames, without a socket: what CONTRACT calls
 *   capa1 | VERB | request-id | body ...        capa1 | STATUS | request-id | body ...
 * A frame borrows its bytes. Nothing here allocates on behalf of a peer. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/problem.h"
#include "proto/base/util.h"

#define WIRE_PROTOCOL "capa1"

struct frame {
        const char *data;
        size_t size;
};

enum wire_verb { WIRE_PUT, WIRE_CALL, WIRE_PING, WIRE_VERB_MAX };

enum wire_status { WIRE_ACK, WIRE_BUSY, WIRE_OK, WIRE_ERR, WIRE_PONG, WIRE_STATUS_MAX };

enum wire_error {
        WIRE_E_MALFORMED = 1,
        WIRE_E_UNKNOWN_VERB,
        WIRE_E_TOO_BIG,
};

struct wire_request {
        enum wire_verb verb;
        struct frame id; /* request-id, may be empty */
        /* PUT: name = adapter (empty for CloudEvents), parts = events.
         * CALL: name = method, params = JSON (empty frame reads as {}), parts = attachments. */
        struct frame name;
        struct frame params;
        const struct frame *parts;
        size_t n_parts;
};

/* Decode the frames of one request (without routing id and empty delimiter). ret->id is set as far
 * as one came, also on error, so that the answer can carry it. Returns 0 or a wire_error. Limits
 * that concern the whole request (counts, sums) are checked here, those of one event are not. */
int wire_request_parse(const struct frame *frames, size_t n_frames, struct wire_request *ret,
                       struct problem *reterr) must_check_;

struct wire_reply {
        enum wire_status status;
        struct frame id;
        struct frame body;
};
int wire_reply_parse(const struct frame *frames, size_t n_frames, struct wire_reply *ret,
                     struct problem *reterr) must_check_;

const char *wire_status_name(enum wire_status s);
const char *wire_verb_name(enum wire_verb v);

/* pull and subscriptions: JSON | topic,JSON | topic,JSON,sequence(uint32, native order) | "topic
 * JSON". Returns 0 or WIRE_E_MALFORMED. has_sequence tells whether *sequence was there. */
struct wire_push {
        struct frame topic;
        struct frame event;
        bool has_sequence;
        unsigned sequence;
};
int wire_push_parse(const struct frame *frames, size_t n_frames, struct wire_push *ret,
                    struct problem *reterr) must_check_;
