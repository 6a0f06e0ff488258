/* What becomes of a bound socket's connections: peers that went and handshakes that failed,
 * counted, never acted on. Inner to daemon/bus; owned by the socket's owner. */
#pragma once

#include "daemon/bus/watch.h"

struct monitor {
        struct bus *bus;
        struct bus_peers *peers; /* the bus's */
        uint64_t n_failed;       /* failed connections whose end is still to be told */
        struct watch watch;
};

/* Before the socket is bound, so that nothing is missed. name: "ingest"; must outlive the bus. */
int monitor_start(struct monitor *m, struct bus *b, void *socket, const char *name) must_check_;
/* Before the socket is closed. Nothing to do for one that was never started. */
void monitor_done(struct monitor *m);
