/* libzmq's I/O thread writes what happens to an inproc PAIR and waits where nobody reads it, which
 * would stop all sockets: so the reading end has no high-water mark, set before it connects, and
 * listening to the events stops before that end is closed. The events name the local endpoint, not
 * the peer: of a refused key the ZAP handler knows more. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <zmq.h>

#include "daemon/bus/watch.h"

#define HEADER_SIZE 6U /* uint16 event, uint32 value, in the machine's order */
#define ADDRESS_MAX 256

/* The frames of one event. 0, -EAGAIN, -errno. */
static int receive(struct watch *w, uint16_t *ret_event, char address[ADDRESS_MAX])
{
        unsigned char header[HEADER_SIZE] = {0};
        int n;

        n = zmq_recv(w->socket, header, sizeof(header), ZMQ_DONTWAIT);
        if (n < 0)
                return errno == EINTR ? -EAGAIN : -errno;
        memcpy(ret_event, header, sizeof(*ret_event));
        n = zmq_recv(w->socket, address, ADDRESS_MAX - 1, ZMQ_DONTWAIT);
        if (n < 0)
                return errno == EINTR ? -EAGAIN : -errno;
        address[MIN(n, ADDRESS_MAX - 1)] = '\0';
        return 0;
}

static int take(void *userdata)
{
        struct watch *w = userdata;
        char address[ADDRESS_MAX];
        uint16_t event = 0;
        int r;

        r = receive(w, &event, address);
        if (r == 0)
                w->on_event(event, address, w->userdata);
        return r;
}

static int attach(struct watch *w, struct bus *b, int events)
{
        const int unbounded = 0, no_linger = 0;
        char address[64];

        snprintf(address, sizeof(address), "inproc://watch-%u", b->n_watches++);
        w->socket = zmq_socket(b->context, ZMQ_PAIR);
        if (!w->socket ||
            zmq_setsockopt(w->socket, ZMQ_RCVHWM, &unbounded, sizeof(unbounded)) < 0 ||
            zmq_setsockopt(w->socket, ZMQ_LINGER, &no_linger, sizeof(no_linger)) < 0 ||
            zmq_socket_monitor(w->watched, address, events) < 0 ||
            zmq_connect(w->socket, address) < 0)
                return -errno;
        return 0;
}

int watch_start(struct watch *w, struct bus *b, void *socket, int events)
{
        int r;

        w->watched = socket;
        r = attach(w, b, events);
        if (r < 0)
                return r;
        w->pump.take = take;
        w->pump.userdata = w;
        return pump_start(&w->pump, b->event, w->socket, "watch");
}

void watch_done(struct watch *w)
{
        if (!w->watched)
                return;
        pump_done(&w->pump);
        (void) zmq_socket_monitor(w->watched, NULL, 0);
        w->socket = socket_free(w->socket);
        w->watched = NULL;
}
