/* One request and its answer, without HTTP's mechanics: what a request must show to be let in, and
 * which status its verdict becomes. Knows nothing of sockets; server.c asks it, unit tests too. */
#pragma once

#include "daemon/webhook/config.h"
#include "daemon/webhook/sender.h"

/* A request as its headers came; get gives one by name, query a parameter of the URL, NULL where
 * there is none. */
struct request {
        const char *method, *path;
        const char *(*get)(void *of, const char *name);
        const char *(*query)(void *of, const char *name);
        void *of;
};

struct reply {
        unsigned status;            /* HTTP's */
        char *body;                 /* JSON, owned */
        const char *header, *value; /* one more header; NULL: none */
};
void reply_done(struct reply *r);

/* What can be said before the body is there: 404, 405, 401, 415, 413. 0: go on, with *ret_route;
 * 1: *ret_reply is the answer; -ENOMEM. */
int exchange_admit(const struct config *c, const struct request *q, const struct route **ret_route,
                   struct reply *ret_reply) must_check_;
/* The body is there: check its signature, send it, and wait for the ack. 0 with *ret_reply, or
 * -errno. */
int exchange_answer(struct sender *s, const struct route *route, const struct request *q,
                    const struct buffer *body, struct reply *ret_reply) must_check_;
/* {"error":"sentence"} */
int reply_error(struct reply *ret, unsigned status, const char *format, ...) must_check_
        printf_(3, 4);
