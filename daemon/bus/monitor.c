/* libzmq's I/O thread writes what happens to an inproc PAIR and waits where nobody reads it, which
 * would stop all sockets: so the reading end has no high-water mark, set before it connects, and
 * listening to the events stops before that end is closed. The events name the local endpoint, not
 * the peer: of a refused key the ZAP handler knows more.
 *
 * A peer that is cut for a frame over the hard limit is told as disconnected, as is one that left
 * by itself or fell silent: libzmq 4.3.4 gives no reason. A failed handshake is told first as that
 * and then as disconnected; it is counted once. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <zmq.h>

#include "daemon/bus/monitor.h"

#define FAILED                                                                                     \
        (ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |              \
         ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)
#define HEADER_SIZE 6U /* uint16 event, uint32 value, in the machine's order */
#define ADDRESS_MAX 256

/* The frames of one event. 0, -EAGAIN, -errno. */
static int receive(struct monitor *m, uint16_t *ret_event, char address[ADDRESS_MAX])
{
        unsigned char header[HEADER_SIZE] = {0};
        int n;

        n = zmq_recv(m->socket, header, sizeof(header), ZMQ_DONTWAIT);
        if (n < 0)
                return errno == EINTR ? -EAGAIN : -errno;
        memcpy(ret_event, header, sizeof(*ret_event));
        n = zmq_recv(m->socket, address, ADDRESS_MAX - 1, ZMQ_DONTWAIT);
        if (n < 0)
                return errno == EINTR ? -EAGAIN : -errno;
        address[MIN(n, ADDRESS_MAX - 1)] = '\0';
        return 0;
}

static void tell(struct monitor *m, uint16_t event, const char *address)
{
        const struct bus_config *c = &m->bus->config;
        const char *why = event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH ? "its key was refused"
                          : event == ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL
                                  ? "it does not keep to ZMTP, or speaks another mechanism"
                                  : "it broke off, was silent, or speaks no ZMTP";

        if (c->on_failed)
                c->on_failed(m->link->name, address, why, c->userdata);
}

static int take(void *userdata)
{
        struct monitor *m = userdata;
        char address[ADDRESS_MAX];
        uint16_t event = 0;
        int r;

        r = receive(m, &event, address);
        if (r < 0)
                return r;
        if (event & FAILED) {
                if (event == ZMQ_EVENT_HANDSHAKE_FAILED_AUTH)
                        m->link->failed_logins++;
                else
                        m->link->failed_handshakes++;
                m->n_failed++;
                tell(m, event, address);
        } else if (event == ZMQ_EVENT_DISCONNECTED && m->n_failed > 0) {
                m->n_failed--;
        } else if (event == ZMQ_EVENT_DISCONNECTED) {
                m->link->disconnected++;
        }
        return 0;
}

static int attach(struct monitor *m, const char *name)
{
        const int unbounded = 0, no_linger = 0;
        char address[64];

        snprintf(address, sizeof(address), "inproc://monitor-%s", name);
        m->socket = zmq_socket(m->bus->context, ZMQ_PAIR);
        if (!m->socket ||
            zmq_setsockopt(m->socket, ZMQ_RCVHWM, &unbounded, sizeof(unbounded)) < 0 ||
            zmq_setsockopt(m->socket, ZMQ_LINGER, &no_linger, sizeof(no_linger)) < 0 ||
            zmq_socket_monitor(m->watched, address, FAILED | ZMQ_EVENT_DISCONNECTED) < 0 ||
            zmq_connect(m->socket, address) < 0)
                return -errno;
        return 0;
}

int monitor_start(struct monitor *m, struct bus *b, void *socket, const char *name)
{
        int r;

        if (b->n_links == ARRAY_LEN(b->links))
                return -ENOSPC;
        *m = (struct monitor){.bus = b, .watched = socket, .link = &b->links[b->n_links++]};
        m->link->name = name;
        r = attach(m, name);
        if (r < 0)
                return r;
        m->pump.take = take;
        m->pump.userdata = m;
        return pump_start(&m->pump, b->event, m->socket, "monitor");
}

void monitor_done(struct monitor *m)
{
        if (!m->watched)
                return;
        pump_done(&m->pump);
        (void) zmq_socket_monitor(m->watched, NULL, 0);
        m->socket = socket_free(m->socket);
        m->watched = NULL;
}
