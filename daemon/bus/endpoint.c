/* Frames in, arrivals out, replies back. What a peer can make us hold is bounded by its own
 * account: requests and bytes in flight. Peers without open requests are forgotten, so the accounts
 * are as few as the peers that wait. */
#include <errno.h>
#include <string.h>

#include <zmq.h>

#include "daemon/bus/endpoint.h"
#include "daemon/bus/monitor.h"
#include "daemon/bus/pump.h"
#include "daemon/bus/socket.h"
#include "proto/base/buffer.h"
#include "proto/wire/code.h"

#define ROUTING_MAX   256U
#define PEER_SLOTS    1024U
#define PEER_BUSY_MS  200U
#define MESSAGES_KEEP 64U

struct peer {
        struct peer *next;
        uint64_t number;
        size_t n_routing;
        unsigned requests;
        size_t bytes;
        char routing[ROUTING_MAX];
};

struct arrival_frames {
        struct peer *peer;
        bool delimiter; /* a REQ peer's empty frame, to be given back */
        size_t n, n_allocated;
        zmq_msg_t *messages;
        struct frame *frames;
};

struct endpoint {
        void *socket;
        char **addresses;
        struct endpoint_handler handler;
        struct endpoint_counters counters;
        struct pump pump;
        struct monitor monitor;
        uint64_t next_peer;
        unsigned n_open;
        struct peer *peers[PEER_SLOTS];
};

static size_t peer_slot(const char *routing, size_t size)
{
        uint32_t h = 2166136261U;

        for (size_t i = 0; i < size; i++)
                h = (h ^ (unsigned char) routing[i]) * 16777619U;
        return h % PEER_SLOTS;
}

static struct peer *peer_get(struct endpoint *e, const char *routing, size_t size)
{
        struct peer **list = &e->peers[peer_slot(routing, size)];
        struct peer *p;

        for (p = *list; p; p = p->next)
                if (p->n_routing == size && memcmp(p->routing, routing, size) == 0)
                        return p;
        p = calloc(1, sizeof(*p));
        if (!p)
                return NULL;
        memcpy(p->routing, routing, size);
        p->n_routing = size;
        p->number = ++e->next_peer;
        p->next = *list;
        *list = p;
        return p;
}

static void peer_release(struct endpoint *e, struct peer *p, size_t bytes)
{
        struct peer **at = &e->peers[peer_slot(p->routing, p->n_routing)];

        p->bytes -= bytes;
        if (--p->requests > 0)
                return;
        while (*at != p)
                at = &(*at)->next;
        *at = p->next;
        free(p);
}

static void frames_free(struct arrival_frames *f)
{
        for (size_t i = 0; i < f->n; i++)
                zmq_msg_close(&f->messages[i]);
        free(f->messages);
        free(f->frames);
        free(f);
}

static struct arrival *arrival_free(struct arrival *a)
{
        if (!a)
                return NULL;
        if (a->frames) {
                if (a->frames->peer) {
                        peer_release(a->endpoint, a->frames->peer, a->bytes);
                        a->endpoint->n_open--;
                }
                frames_free(a->frames);
        }
        free(a);
        return NULL;
}

static void arrival_free_p(struct arrival **a)
{
        *a = arrival_free(*a);
}

static int frames_grow(struct arrival_frames *f)
{
        size_t n = f->n_allocated ? f->n_allocated * 4 : 8;
        zmq_msg_t *messages = calloc(n, sizeof(*messages));

        if (!messages)
                return -ENOMEM;
        for (size_t i = 0; i < f->n; i++) {
                zmq_msg_init(&messages[i]);
                zmq_msg_move(&messages[i], &f->messages[i]);
                zmq_msg_close(&f->messages[i]);
        }
        free(f->messages);
        f->messages = messages;
        f->n_allocated = n;
        return 0;
}

/* One frame of the message on the socket; *ret_more tells whether another one follows. */
static int receive_frame(struct endpoint *e, zmq_msg_t *message, int *ret_more)
{
        zmq_msg_init(message);
        while (zmq_msg_recv(message, e->socket, ZMQ_DONTWAIT) < 0)
                if (errno != EINTR)
                        return -errno;
        *ret_more = zmq_msg_more(message);
        return 0;
}

/* Frames behind the bound are taken and dropped: libzmq gives a message whole or not at all, so
 * this does not wait. */
static int receive_body(struct endpoint *e, struct arrival *a, int more)
{
        struct arrival_frames *f = a->frames;
        int r;

        while (more) {
                zmq_msg_t message;

                r = receive_frame(e, &message, &more);
                if (r < 0)
                        return r;
                if (f->n == 0 && !f->delimiter && more && zmq_msg_size(&message) == 0) {
                        f->delimiter = true;
                        zmq_msg_close(&message);
                        continue;
                }
                if (f->n > LIMIT_REQUEST_FRAMES) {
                        zmq_msg_close(&message);
                        continue;
                }
                if (f->n == f->n_allocated) {
                        r = frames_grow(f);
                        if (r < 0)
                                return r;
                }
                a->bytes += zmq_msg_size(&message);
                zmq_msg_init(&f->messages[f->n]);
                zmq_msg_move(&f->messages[f->n++], &message);
                zmq_msg_close(&message);
        }
        return 0;
}

static int receive(struct endpoint *e, struct arrival **ret)
{
        cleanup_(arrival_free_p) struct arrival *a = NULL;
        zmq_msg_t routing;
        int more = 0, r;

        r = receive_frame(e, &routing, &more);
        if (r < 0)
                return r;
        a = calloc(1, sizeof(*a));
        if (!a)
                return -ENOMEM;
        a->endpoint = e;
        a->frames = calloc(1, sizeof(*a->frames));
        if (!a->frames)
                return -ENOMEM;
        a->frames->peer =
                peer_get(e, zmq_msg_data(&routing), MIN(zmq_msg_size(&routing), ROUTING_MAX));
        zmq_msg_close(&routing);
        if (!a->frames->peer)
                return -ENOMEM;
        a->frames->peer->requests++;
        e->n_open++;
        a->peer = a->frames->peer->number;
        r = receive_body(e, a, more);
        a->frames->peer->bytes += a->bytes;
        if (r < 0)
                return r;
        if (a->frames->n > 0) {
                socket_identity(&a->frames->messages[0], &a->identity);
                a->frames->frames = calloc(a->frames->n, sizeof(*a->frames->frames));
                if (!a->frames->frames)
                        return -ENOMEM;
        }
        for (size_t i = 0; i < a->frames->n; i++)
                a->frames->frames[i] =
                        (struct frame){.data = zmq_msg_data(&a->frames->messages[i]),
                                       .size = zmq_msg_size(&a->frames->messages[i])};
        *ret = TAKE_PTR(a);
        return 0;
}

static void refuse_parse(struct arrival *a, int error, const struct problem *p)
{
        static const enum capa_code codes[] = {
                [WIRE_E_MALFORMED] = CODE_MALFORMED,
                [WIRE_E_UNKNOWN_VERB] = CODE_UNKNOWN_VERB,
                [WIRE_E_TOO_BIG] = CODE_TOO_BIG,
        };

        a->endpoint->counters.malformed++;
        arrival_refuse(a, code_name(codes[error]), p->text);
}

/* A request that is alone is always taken, whatever its size. */
static bool is_over_limit(const struct peer *p)
{
        return p->requests > LIMIT_PEER_REQUESTS ||
               (p->requests > 1 && p->bytes > LIMIT_PEER_BYTES);
}

static int take(void *userdata)
{
        struct endpoint *e = userdata;
        cleanup_(arrival_free_p) struct arrival *a = NULL;
        struct problem problem = {0};
        int r;

        r = receive(e, &a);
        if (r < 0)
                return r;
        e->counters.requests++;
        r = wire_request_parse(a->frames->frames, a->frames->n, &a->request, &problem);
        if (r > 0) {
                refuse_parse(TAKE_PTR(a), r, &problem);
                return 0;
        }
        if (!(e->handler.verbs & 1U << a->request.verb)) {
                problem_set(&problem, 0,
                            "%s is not for this endpoint; CALL goes to control, PUT to ingest",
                            wire_verb_name(a->request.verb));
                refuse_parse(TAKE_PTR(a), WIRE_E_UNKNOWN_VERB, &problem);
                return 0;
        }
        if (a->request.verb != WIRE_PING && is_over_limit(a->frames->peer)) {
                e->counters.busy++;
                arrival_busy(TAKE_PTR(a), PEER_BUSY_MS, "too many requests of this peer are open");
                return 0;
        }
        return e->handler.on_request(TAKE_PTR(a), e->handler.userdata);
}

static bool full(void *userdata)
{
        struct endpoint *e = userdata;

        return e->handler.full && e->handler.full(e->handler.userdata);
}

int endpoint_new(struct bus *b, const char *name, const char *const *addresses,
                 const struct endpoint_handler *handler, struct endpoint **ret,
                 struct problem *reterr)
{
        cleanup_(endpoint_free_p) struct endpoint *e = NULL;
        int r;

        e = calloc(1, sizeof(*e));
        if (!e)
                return -ENOMEM;
        e->handler = *handler;
        r = socket_new(b, ZMQ_ROUTER, &e->socket);
        if (r == 0)
                r = monitor_start(&e->monitor, b, e->socket, name);
        if (r < 0)
                return r;
        r = socket_bind(b, e->socket, addresses, reterr);
        if (r != 0)
                return r;
        e->addresses = addresses_copy(addresses);
        if (!e->addresses)
                return -ENOMEM;
        e->pump.take = take;
        e->pump.full = full;
        e->pump.userdata = e;
        r = pump_start(&e->pump, b->event, e->socket, name);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(e);
        return 0;
}

struct endpoint *endpoint_free(struct endpoint *e)
{
        if (!e)
                return NULL;
        pump_done(&e->pump);
        monitor_done(&e->monitor);
        if (e->addresses)
                socket_unbind(e->socket, (const char *const *) e->addresses);
        socket_free(e->socket);
        addresses_free(e->addresses);
        free(e);
        return NULL;
}

void endpoint_free_p(struct endpoint **e)
{
        *e = endpoint_free(*e);
}

const struct endpoint_counters *endpoint_counters(const struct endpoint *e)
{
        return &e->counters;
}

static int send_frame(struct endpoint *e, const void *data, size_t size, bool more)
{
        int flags = ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0);

        while (zmq_send(e->socket, data, size, flags) < 0)
                if (errno != EINTR)
                        return -errno;
        return 0;
}

void arrival_reply(struct arrival *a, enum wire_status status, const void *body, size_t size)
{
        struct endpoint *e = a->endpoint;
        struct peer *p = a->frames->peer;
        const char *name = wire_status_name(status);
        int r;

        /* The first frame decides: the peer is gone (EHOSTUNREACH) or does not read (EAGAIN). */
        r = send_frame(e, p->routing, p->n_routing, true);
        if (r == 0 && a->frames->delimiter)
                r = send_frame(e, "", 0, true);
        if (r == 0)
                r = send_frame(e, WIRE_PROTOCOL, strlen(WIRE_PROTOCOL), true);
        if (r == 0)
                r = send_frame(e, name, strlen(name), true);
        if (r == 0)
                r = send_frame(e, a->request.id.data, a->request.id.size, true);
        if (r == 0)
                r = send_frame(e, body, size, false);
        if (r < 0)
                e->counters.unanswered++;
        arrival_free(a);
}

void arrival_refuse(struct arrival *a, const char *code, const char *message)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;

        buffer_add_str(&b, "{\"code\":");
        buffer_add_json_cstr(&b, code);
        buffer_add_str(&b, ",\"message\":");
        buffer_add_json_cstr(&b, message);
        buffer_add_char(&b, '}');
        arrival_reply(a, WIRE_ERR, b.data ? b.data : "{}", b.data ? b.size : 2);
}

void arrival_busy(struct arrival *a, unsigned retry_after_ms, const char *reason)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;

        buffer_printf(&b, "{\"retry_after_ms\":%u,\"reason\":", retry_after_ms);
        buffer_add_json_cstr(&b, reason);
        buffer_add_char(&b, '}');
        arrival_reply(a, WIRE_BUSY, b.data ? b.data : "{}", b.data ? b.size : 2);
}
