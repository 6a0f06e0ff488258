/* A peer that is cut for a frame over the hard limit is told as disconnected, as is one that left
 * by itself or fell silent: libzmq 4.3.4 gives no reason. A failed handshake is told first as that
 * and then as disconnected; it is counted once. */
#include <errno.h>

#include <zmq.h>

#include "daemon/bus/monitor.h"

#define FAILED                                                                                     \
        (ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |              \
         ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)

static void tell(struct monitor *m, uint16_t event, const char *address)
{
        const struct bus_config *c = &m->bus->config;
        const char *why = event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH ? "its key was refused"
                          : event == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL
                                  ? "it does not keep to ZMTP, or speaks another mechanism"
                                  : "it broke off, was silent, or speaks no ZMTP";

        if (c->on_failed)
                c->on_failed(m->peers->name, address, why, c->userdata);
}

static void on_event(uint16_t event, const char *address, void *userdata)
{
        struct monitor *m = userdata;

        if (event & FAILED) {
                if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)
                        m->peers->failed_logins++;
                else
                        m->peers->failed_handshakes++;
                m->n_failed++;
                tell(m, event, address);
        } else if (event == ZMQ_EVENT_DISCONNECTED && m->n_failed > 0) {
                m->n_failed--;
        } else if (event == ZMQ_EVENT_DISCONNECTED) {
                m->peers->disconnected++;
        }
}

int monitor_start(struct monitor *m, struct bus *b, void *socket, const char *name)
{
        if (b->n_peers == ARRAY_LEN(b->peers))
                return -ENOSPC;
        *m = (struct monitor){.bus = b, .peers = &b->peers[b->n_peers++]};
        m->peers->name = name;
        m->watch.on_event = on_event;
        m->watch.userdata = m;
        return watch_start(&m->watch, b, socket, FAILED | ZMQ_EVENT_DISCONNECTED);
}

void monitor_done(struct monitor *m)
{
        watch_done(&m->watch);
}
