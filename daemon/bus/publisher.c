/* XPUB rather than PUB, because subscriptions must be read off the socket; nothing is made of them.
 */
#include <errno.h>
#include <string.h>

#include <zmq.h>

#include "daemon/bus/publisher.h"
#include "daemon/bus/pump.h"
#include "daemon/bus/socket.h"

struct publisher {
        void *socket;
        char **addresses;
        struct pump pump;
        uint64_t sent;
};

static int take(void *userdata)
{
        struct publisher *p = userdata;
        char spare[256];

        if (zmq_recv(p->socket, spare, sizeof(spare), ZMQ_DONTWAIT) < 0)
                return errno == EINTR ? -EAGAIN : -errno;
        return 0;
}

int publisher_new(struct bus *b, const char *const *addresses, struct publisher **ret,
                  struct problem *reterr)
{
        cleanup_(publisher_free_p) struct publisher *p = NULL;
        int r;

        p = calloc(1, sizeof(*p));
        if (!p)
                return -ENOMEM;
        r = socket_new(b, ZMQ_XPUB, &p->socket);
        if (r < 0)
                return r;
        r = socket_bind(b, p->socket, addresses, reterr);
        if (r != 0)
                return r;
        p->addresses = addresses_copy(addresses);
        if (!p->addresses)
                return -ENOMEM;
        p->pump.take = take;
        p->pump.userdata = p;
        r = pump_start(&p->pump, b->event, p->socket, "publish");
        if (r < 0)
                return r;
        *ret = TAKE_PTR(p);
        return 0;
}

struct publisher *publisher_free(struct publisher *p)
{
        if (!p)
                return NULL;
        pump_done(&p->pump);
        if (p->addresses)
                socket_unbind(p->socket, (const char *const *) p->addresses);
        socket_free(p->socket);
        addresses_free(p->addresses);
        free(p);
        return NULL;
}

void publisher_free_p(struct publisher **p)
{
        *p = publisher_free(*p);
}

static int send_frame(struct publisher *p, const void *data, size_t size, bool more)
{
        while (zmq_send(p->socket, data, size, ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0)) < 0)
                if (errno != EINTR)
                        return -errno;
        return 0;
}

int publisher_send(struct publisher *p, const char *topic, const char *sequence, const void *body,
                   size_t size)
{
        int r;

        r = send_frame(p, topic, strlen(topic), true);
        if (r == 0)
                r = send_frame(p, sequence, strlen(sequence), true);
        if (r == 0)
                r = send_frame(p, body, size, false);
        if (r == 0)
                p->sent++;
        return r;
}

uint64_t publisher_sent(const struct publisher *p)
{
        return p->sent;
}
