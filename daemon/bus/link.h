/* Whether a connected socket's one link stands: from the end of the handshake until libzmq tells
 * that it was cut, also by a heartbeat that got no answer. Inner to daemon/bus; owned by the
 * socket's owner. */
#pragma once

#include <stdbool.h>

#include "daemon/bus/watch.h"

struct link {
        struct watch watch;
        bool stands;
        void (*on_link)(bool stands, void *userdata); /* each change; it begins as down */
        void *userdata;
};

/* Before the socket is connected; on_link and userdata are set before. */
int link_start(struct link *l, struct bus *b, void *socket) must_check_;
/* Before the socket is closed. Nothing to do for one that was never started. */
void link_done(struct link *l);
