/* Sockets on which nobody can be answered: PULL (bound) and SUB (connected to publishers of
 * others). Each message is handed on with its frames; the receiver ends it with push_free(). */
#pragma once

#include "daemon/bus/bus.h"
#include "proto/wire/frame.h"

struct intake;

struct push {
        struct identity identity; /* of pull's peers */
        struct wire_push message; /* borrows the received frames */
        size_t bytes;
        struct push_frames *frames; /* inner */
};

struct intake_handler {
        int (*on_push)(struct push *p, void *userdata);
        /* A message that has none of the known forms. */
        void (*on_malformed)(const struct problem *problem, void *userdata);
        bool (*full)(void *userdata);
        /* Of a subscription, which begins without one: its link stands, or does no longer. May be
         * NULL. */
        void (*on_link)(bool stands, void *userdata);
        void *userdata;
};

int intake_new_pull(struct bus *b, const char *const *addresses,
                    const struct intake_handler *handler, struct intake **ret,
                    struct problem *reterr) must_check_;
/* topics: prefixes; NULL or empty: everything. */
int intake_new_subscription(struct bus *b, const char *address, const char *const *topics,
                            const struct intake_handler *handler, struct intake **ret,
                            struct problem *reterr) must_check_;
struct intake *intake_free(struct intake *i);
void intake_free_p(struct intake **i);
void intake_stop(struct intake *i); /* take no more */

struct push *push_free(struct push *p);
