/* At most four frames are kept of a message, as no form has more than three; the rest is drained.
 */
#include <errno.h>
#include <string.h>

#include <zmq.h>

#include "daemon/bus/intake.h"
#include "daemon/bus/link.h"
#include "daemon/bus/monitor.h"
#include "daemon/bus/pump.h"
#include "daemon/bus/socket.h"

#define FRAMES_MAX 4U

struct push_frames {
        zmq_msg_t messages[FRAMES_MAX];
        struct frame frames[FRAMES_MAX];
        size_t n;
};

struct intake {
        void *socket;
        char **addresses; /* of a bound one */
        struct intake_handler handler;
        struct pump pump;
        struct monitor monitor; /* of a bound one */
        struct link link;       /* of a connected one */
};

struct push *push_free(struct push *p)
{
        if (!p)
                return NULL;
        for (size_t i = 0; p->frames && i < p->frames->n; i++)
                zmq_msg_close(&p->frames->messages[i]);
        free(p->frames);
        free(p);
        return NULL;
}

static void push_free_p(struct push **p)
{
        *p = push_free(*p);
}

static int receive(struct intake *i, struct push *p)
{
        struct push_frames *f = p->frames;
        int more = 1;

        while (more) {
                zmq_msg_t message;

                zmq_msg_init(&message);
                while (zmq_msg_recv(&message, i->socket, ZMQ_DONTWAIT) < 0)
                        if (errno != EINTR)
                                return -errno;
                more = zmq_msg_more(&message);
                if (f->n < FRAMES_MAX) {
                        p->bytes += zmq_msg_size(&message);
                        zmq_msg_init(&f->messages[f->n]);
                        zmq_msg_move(&f->messages[f->n++], &message);
                }
                zmq_msg_close(&message);
        }
        for (size_t k = 0; k < p->frames->n; k++)
                p->frames->frames[k] =
                        (struct frame){.data = zmq_msg_data(&p->frames->messages[k]),
                                       .size = zmq_msg_size(&p->frames->messages[k])};
        return 0;
}

static int take(void *userdata)
{
        struct intake *i = userdata;
        cleanup_(push_free_p) struct push *p = NULL;
        struct problem problem = {0};
        int r;

        p = calloc(1, sizeof(*p));
        if (!p)
                return -ENOMEM;
        p->frames = calloc(1, sizeof(*p->frames));
        if (!p->frames)
                return -ENOMEM;
        r = receive(i, p);
        if (r < 0)
                return r;
        socket_identity(&p->frames->messages[0], &p->identity);
        r = wire_push_parse(p->frames->frames, p->frames->n, &p->message, &problem);
        if (r > 0) {
                i->handler.on_malformed(&problem, i->handler.userdata);
                return 0;
        }
        return i->handler.on_push(TAKE_PTR(p), i->handler.userdata);
}

static bool full(void *userdata)
{
        struct intake *i = userdata;

        return i->handler.full && i->handler.full(i->handler.userdata);
}

static void on_link(bool stands, void *userdata)
{
        const struct intake *i = userdata;

        if (i->handler.on_link)
                i->handler.on_link(stands, i->handler.userdata);
}

static int start(struct bus *b, struct intake *i, const char *name)
{
        i->pump.take = take;
        i->pump.full = full;
        i->pump.userdata = i;
        return pump_start(&i->pump, b->event, i->socket, name);
}

int intake_new_pull(struct bus *b, const char *const *addresses,
                    const struct intake_handler *handler, struct intake **ret,
                    struct problem *reterr)
{
        cleanup_(intake_free_p) struct intake *i = NULL;
        int r;

        i = calloc(1, sizeof(*i));
        if (!i)
                return -ENOMEM;
        i->handler = *handler;
        r = socket_new(b, ZMQ_PULL, &i->socket);
        if (r == 0)
                r = monitor_start(&i->monitor, b, i->socket, "pull");
        if (r < 0)
                return r;
        r = socket_bind(b, i->socket, addresses, reterr);
        if (r != 0)
                return r;
        i->addresses = addresses_copy(addresses);
        if (!i->addresses)
                return -ENOMEM;
        r = start(b, i, "pull");
        if (r < 0)
                return r;
        *ret = TAKE_PTR(i);
        return 0;
}

int intake_new_subscription(struct bus *b, const char *address, const char *const *topics,
                            const struct intake_handler *handler, struct intake **ret,
                            struct problem *reterr)
{
        static const char *const everything[] = {"", NULL};
        cleanup_(intake_free_p) struct intake *i = NULL;
        int r;

        i = calloc(1, sizeof(*i));
        if (!i)
                return -ENOMEM;
        i->handler = *handler;
        i->link.on_link = on_link;
        i->link.userdata = i;
        r = socket_new(b, ZMQ_SUB, &i->socket);
        if (r == 0)
                r = link_start(&i->link, b, i->socket);
        if (r < 0)
                return r;
        if (!topics || !topics[0])
                topics = everything;
        for (size_t k = 0; topics[k]; k++)
                if (zmq_setsockopt(i->socket, ZMQ_SUBSCRIBE, topics[k], strlen(topics[k])) < 0)
                        return -errno;
        r = socket_connect(b, i->socket, address, reterr);
        if (r != 0)
                return r;
        r = start(b, i, "subscription");
        if (r < 0)
                return r;
        *ret = TAKE_PTR(i);
        return 0;
}

struct intake *intake_free(struct intake *i)
{
        if (!i)
                return NULL;
        pump_done(&i->pump);
        monitor_done(&i->monitor);
        link_done(&i->link);
        if (i->addresses)
                socket_unbind(i->socket, (const char *const *) i->addresses);
        socket_free(i->socket);
        addresses_free(i->addresses);
        free(i);
        return NULL;
}

void intake_free_p(struct intake **i)
{
        *i = intake_free(*i);
}

void intake_stop(struct intake *i)
{
        i->pump.stopped = true;
}
