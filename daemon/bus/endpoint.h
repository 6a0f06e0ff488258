/* A ROUTER on which peers ask and are answered: ingest and control. Takes the frames of a request
 * off the socket, answers what is malformed or too much by itself, and hands on the rest as an
 * arrival. Whoever has an arrival answers it exactly once with arrival_reply(), which ends it; the
 * frames are the received messages, not copied, and live as long as the arrival. */
#pragma once

#include "daemon/bus/bus.h"
#include "proto/base/limits.h"
#include "proto/wire/frame.h"

struct endpoint;

struct arrival {
        struct endpoint *endpoint;
        struct identity identity;
        struct wire_request request; /* borrows the frames below */
        size_t bytes;                /* of all frames */
        uint64_t peer; /* tells peers of one endpoint apart while they have requests open */
        struct arrival_frames *frames; /* inner */
};

struct endpoint_handler {
        /* A request that parsed. Answer now or later, always once. -errno ends the daemon. */
        int (*on_request)(struct arrival *a, void *userdata);
        bool (*full)(void *userdata); /* back-pressure: leave messages in the socket */
        void *userdata;
        unsigned verbs; /* bits 1 << WIRE_*: others are ERR unknown_verb */
};

struct endpoint_counters {
        uint64_t requests, malformed, busy, unanswered;
};

/* name: of the endpoint in the configuration; must outlive the bus. */
int endpoint_new(struct bus *b, const char *name, const char *const *addresses,
                 const struct endpoint_handler *handler, struct endpoint **ret,
                 struct problem *reterr) must_check_;
struct endpoint *endpoint_free(struct endpoint *e); /* all its arrivals must have been answered */
void endpoint_free_p(struct endpoint **e);
const struct endpoint_counters *endpoint_counters(const struct endpoint *e);

/* Answer and free. body is copied. A peer that is gone is no error: counted as unanswered. */
void arrival_reply(struct arrival *a, enum wire_status status, const void *body, size_t size);
/* ERR with one of the protocol's codes and a sentence. */
void arrival_refuse(struct arrival *a, const char *code, const char *message);
/* BUSY: nothing is promised, send it again. */
void arrival_busy(struct arrival *a, unsigned retry_after_ms, const char *reason);
