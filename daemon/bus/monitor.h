/* What libzmq tells of a bound socket's connections: peers that went and handshakes that failed,
 * counted, never acted on. Inner to daemon/bus; owned by the socket's owner. */
#pragma once

#include "daemon/bus/pump.h"
#include "daemon/bus/socket.h"

struct monitor {
        struct bus *bus;
        void *watched; /* borrowed */
        void *socket;
        struct bus_link *link; /* the bus's */
        uint64_t n_failed;     /* failed connections whose end is still to be told */
        struct pump pump;
};

/* Before the socket is bound, so that nothing is missed. name: "ingest"; must outlive the bus. */
int monitor_start(struct monitor *m, struct bus *b, void *socket, const char *name) must_check_;
/* Before the socket is closed. Nothing to do for one that was never started. */
void monitor_done(struct monitor *m);
