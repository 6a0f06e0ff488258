/* What libzmq tells of a socket's connections, event by event. Inner to daemon/bus; owned by the
 * socket's owner. */
#pragma once

#include <stdint.h>

#include "daemon/bus/pump.h"
#include "daemon/bus/socket.h"

struct watch {
        void *watched; /* borrowed */
        void *socket;
        struct pump pump;
        /* ZMQ_EVENT_*, and the socket's own endpoint that it is about. */
        void (*on_event)(uint16_t event, const char *address, void *userdata);
        void *userdata;
};

/* events: the ZMQ_EVENT_* that are told. Before the socket is bound or connected, so that nothing
 * is missed; on_event and userdata are set before. */
int watch_start(struct watch *w, struct bus *b, void *socket, int events) must_check_;
/* Before the socket is closed. Nothing to do for one that was never started. */
void watch_done(struct watch *w);
