/* A TCP connection alone is no link: who accepts it may speak no ZMTP, or refuse us. */
#include <zmq.h>

#include "daemon/bus/link.h"

static void on_event(uint16_t event, const char *address unused_, void *userdata)
{
        struct link *l = userdata;
        bool stands = event == ZMQ_EVENT_HANDSHAKE_SUCCEEDED;

        if (stands == l->stands) /* a handshake that failed ends as disconnected, too */
                return;
        l->stands = stands;
        l->on_link(stands, l->userdata);
}

int link_start(struct link *l, struct bus *b, void *socket)
{
        l->watch.on_event = on_event;
        l->watch.userdata = l;
        return watch_start(&l->watch, b, socket,
                           ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED);
}

void link_done(struct link *l)
{
        watch_done(&l->watch);
}
