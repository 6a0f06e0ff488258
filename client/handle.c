/* libcapa: the handle, its sockets, and one request with its reply. Owns all sockets; the other
 * files of libcapa go through handle_exchange(). */
#include "client/handle.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#include "proto/base/limits.h"

/* A daemon that is being restarted is waited for; one that is not there keeps nobody waiting. */
#define ABSENT_PATIENCE_US 1000000
/* How long after its end a connection is not made anew, and how often that is looked at. */
#define RECONNECT_MS 250
#define PIECE_US     100000
#define REPLY_FRAMES 8 /* a reply has four; more are drained and make it malformed */

int64_t monotonic_us(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void request_id_make(char ret[REQUEST_ID_TEXT])
{
        uint8_t bytes[(REQUEST_ID_TEXT - 1) / 2];

        for (size_t n = 0; n < sizeof(bytes);) {
                ssize_t r = getrandom(bytes + n, sizeof(bytes) - n, 0);

                if (r > 0)
                        n += (size_t) r;
        }
        for (size_t i = 0; i < sizeof(bytes); i++)
                snprintf(ret + 2 * i, 3, "%02x", bytes[i]);
}

void answer_done(struct answer *a)
{
        free(a->body);
        *a = (struct answer){0};
}

static int copy_endpoint(const char *given, const char *otherwise, char **ret)
{
        *ret = strdup(given && *given ? given : otherwise);
        return *ret ? 0 : -ENOMEM;
}

int capa_connect(const struct capa_options *options, struct capa **ret)
{
        static const struct capa_options none = {0};
        cleanup_(capa_close_p) struct capa *c = NULL;
        int r;

        if (!options)
                options = &none;
        c = calloc(1, sizeof(*c));
        if (!c)
                return -ENOMEM;
        c->timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : CAPA_DEFAULT_TIMEOUT;
        r = copy_endpoint(options->ingest, CAPA_DEFAULT_INGEST, &c->ingest_endpoint);
        if (r == 0)
                r = copy_endpoint(options->control, CAPA_DEFAULT_CONTROL, &c->control_endpoint);
        if (r == 0)
                r = copy_endpoint(options->publish, CAPA_DEFAULT_PUBLISH, &c->publish_endpoint);
        if (r == 0 && options->spool)
                r = copy_endpoint(options->spool, "", &c->spool_path);
        if (r < 0)
                return r;
        c->context = zmq_ctx_new();
        if (!c->context)
                return -errno;
        *ret = TAKE_PTR(c);
        return 0;
}

static void close_socket(void **socket)
{
        if (*socket)
                zmq_close(*socket);
        *socket = NULL;
}

struct capa *capa_close(struct capa *c)
{
        if (!c)
                return NULL;
        if (c->received) {
                zmq_msg_close(c->received);
                free(c->received);
        }
        close_socket(&c->ingest);
        close_socket(&c->control);
        close_socket(&c->publish);
        if (c->context)
                while (zmq_ctx_term(c->context) < 0 && zmq_errno() == EINTR)
                        ;
        spool_free(c->spool);
        free(c->ingest_endpoint);
        free(c->control_endpoint);
        free(c->publish_endpoint);
        free(c->spool_path);
        free(c);
        return NULL;
}

void capa_close_p(struct capa **c)
{
        *c = capa_close(*c);
}

const char *capa_problem(const struct capa *c)
{
        return c->problem.text;
}

/* IMMEDIATE: nothing queues for a daemon that is not there, so its absence is noticed. LINGER 0:
 * what was not answered is the spool's business, not the socket's. */
static int open_dealer(struct capa *c, const char *endpoint, void **socket)
{
        int linger = 0, immediate = 1, reconnect_ms = RECONNECT_MS;
        int64_t largest = LIMIT_FRAME_HARD;

        if (*socket)
                return 0;
        *socket = zmq_socket(c->context, ZMQ_DEALER);
        if (!*socket)
                return -errno;
        if (zmq_setsockopt(*socket, ZMQ_LINGER, &linger, sizeof(linger)) < 0 ||
            zmq_setsockopt(*socket, ZMQ_IMMEDIATE, &immediate, sizeof(immediate)) < 0 ||
            zmq_setsockopt(*socket, ZMQ_RECONNECT_IVL, &reconnect_ms, sizeof(reconnect_ms)) < 0 ||
            zmq_setsockopt(*socket, ZMQ_MAXMSGSIZE, &largest, sizeof(largest)) < 0)
                return -errno;
        if (zmq_connect(*socket, endpoint) < 0) {
                int e = zmq_errno();

                problem_set(&c->problem, 0, "\"%s\" is not an endpoint (%s)", endpoint,
                            zmq_strerror(e));
                close_socket(socket);
                return CAPA_E_PROTOCOL;
        }
        return 0;
}

/* 0 when ready, CAPA_E_NO_ANSWER at the deadline. Signals don't shorten it. */
static int wait_for(void *socket, short events, int64_t deadline_us)
{
        for (;;) {
                zmq_pollitem_t item = {.socket = socket, .events = events};
                int64_t left = deadline_us - monotonic_us();
                int n = zmq_poll(&item, 1, left > 0 ? (long) ((left + 999) / 1000) : 0);

                if (n > 0)
                        return 0;
                if (n < 0 && zmq_errno() != EINTR)
                        return -zmq_errno();
                if (left <= 0)
                        return CAPA_E_NO_ANSWER;
        }
}

/* The same for a reply, in pieces: a connection that broke meanwhile brings none, also where
 * another one has come about, so its end must be seen before RECONNECT_MS are over. */
static int wait_for_reply(void *socket, int64_t deadline_us, bool *ret_broken)
{
        for (;;) {
                int64_t now_us = monotonic_us();
                int r = wait_for(socket, ZMQ_POLLIN, MIN(deadline_us, now_us + PIECE_US));

                if (r != CAPA_E_NO_ANSWER || now_us >= deadline_us)
                        return r;
                if (wait_for(socket, ZMQ_POLLOUT, 0) != 0) {
                        r = wait_for(socket, ZMQ_POLLIN, 0); /* what came before the end */
                        *ret_broken = r == CAPA_E_NO_ANSWER;
                        return r;
                }
        }
}

static int send_frame(void *socket, const struct frame *f, bool more)
{
        int flags = ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0);

        while (zmq_send(socket, f->size > 0 ? f->data : "", f->size, flags) < 0) {
                if (zmq_errno() == EAGAIN)
                        return CAPA_E_NO_ANSWER;
                if (zmq_errno() != EINTR)
                        return -zmq_errno();
        }
        return 0;
}

static int send_request(void *socket, enum wire_verb verb, const struct frame *frames,
                        size_t n_frames, int64_t deadline_us)
{
        const char *word = wire_verb_name(verb);
        const struct frame protocol = {WIRE_PROTOCOL, strlen(WIRE_PROTOCOL)};
        const struct frame name = {word, strlen(word)};
        int r;

        for (;;) { /* writable can turn to not writable when the peer goes: look again */
                r = wait_for(socket, ZMQ_POLLOUT, deadline_us);
                if (r != 0)
                        return r;
                r = send_frame(socket, &protocol, true);
                if (r != CAPA_E_NO_ANSWER)
                        break;
        }
        if (r == 0)
                r = send_frame(socket, &name, true);
        for (size_t i = 0; r == 0 && i < n_frames; i++)
                r = send_frame(socket, &frames[i], i + 1 < n_frames);
        return r;
}

static int receive_frames(void *socket, zmq_msg_t *messages, size_t max, size_t *ret_n)
{
        size_t n = 0;
        bool more = true;

        while (more) {
                zmq_msg_t m;

                zmq_msg_init(&m);
                if (zmq_msg_recv(&m, socket, ZMQ_DONTWAIT) < 0) {
                        int e = zmq_errno();

                        zmq_msg_close(&m);
                        if (e == EINTR)
                                continue;
                        *ret_n = n;
                        return e == EAGAIN ? CAPA_E_NO_ANSWER : -e;
                }
                more = zmq_msg_more(&m) != 0;
                if (n < max)
                        messages[n++] = m;
                else
                        zmq_msg_close(&m);
        }
        *ret_n = n;
        return 0;
}

/* One reply into *ret. CAPA_E_NO_ANSWER: it was somebody else's (an earlier request's), go on. */
static int read_reply(struct capa *c, void *socket, const struct frame *id, struct answer *ret)
{
        zmq_msg_t messages[REPLY_FRAMES];
        struct frame frames[REPLY_FRAMES];
        struct wire_reply reply = {0};
        size_t n = 0;
        int r;

        r = receive_frames(socket, messages, REPLY_FRAMES, &n);
        for (size_t i = 0; i < n; i++)
                frames[i] = (struct frame){zmq_msg_data(&messages[i]), zmq_msg_size(&messages[i])};
        if (r == 0 && wire_reply_parse(frames, n, &reply, &c->problem) != 0)
                r = CAPA_E_PROTOCOL;
        if (r == 0 && reply.id.size > 0 &&
            (reply.id.size != id->size || memcmp(reply.id.data, id->data, id->size) != 0))
                r = CAPA_E_NO_ANSWER;
        if (r == 0) {
                char *body = malloc(reply.body.size + 1);

                if (body) {
                        if (reply.body.size > 0)
                                memcpy(body, reply.body.data, reply.body.size);
                        body[reply.body.size] = '\0';
                        *ret = (struct answer){reply.status, body, reply.body.size};
                } else {
                        r = -ENOMEM;
                }
        }
        for (size_t i = 0; i < n; i++)
                zmq_msg_close(&messages[i]);
        return r;
}

/* Is nobody there? Only of a Unix socket this can be told at once. */
static bool is_absent(const char *endpoint)
{
        static const char ipc[] = "ipc://";
        struct sockaddr_un address = {.sun_family = AF_UNIX};
        const char *path = endpoint + strlen(ipc);
        bool absent;
        int fd;

        if (strncmp(endpoint, ipc, strlen(ipc)) != 0 || strlen(path) >= sizeof(address.sun_path))
                return false;
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0)
                return false;
        memcpy(address.sun_path, path, strlen(path) + 1);
        absent = connect(fd, (struct sockaddr *) &address, sizeof(address)) < 0 &&
                 (errno == ENOENT || errno == ECONNREFUSED);
        close(fd);
        return absent;
}

/* Whoever is not there is not waited for to the end. It is asked only where no connection came
 * about, because to the daemon the question is a peer that broke off in the handshake. */
static int wait_for_peer(void *socket, const char *endpoint, int64_t deadline_us)
{
        int64_t patience_us = MIN(deadline_us, monotonic_us() + ABSENT_PATIENCE_US);
        int r = wait_for(socket, ZMQ_POLLOUT, patience_us);

        return r == CAPA_E_NO_ANSWER && !is_absent(endpoint) ? 0 : r;
}

int handle_exchange(struct capa *c, enum channel channel, enum wire_verb verb,
                    const struct frame *frames, size_t n_frames, int64_t deadline_us,
                    struct answer *ret)
{
        void **socket = channel == CHANNEL_INGEST ? &c->ingest : &c->control;
        const char *endpoint = channel == CHANNEL_INGEST ? c->ingest_endpoint : c->control_endpoint;
        bool sent = false, broken = false;
        int r;

        r = open_dealer(c, endpoint, socket);
        if (r != 0)
                return r;
        r = wait_for_peer(*socket, endpoint, deadline_us);
        if (r == 0)
                r = send_request(*socket, verb, frames, n_frames, deadline_us);
        sent = r == 0;
        while (r == 0) {
                r = wait_for_reply(*socket, deadline_us, &broken);
                if (r != 0)
                        break;
                r = read_reply(c, *socket, &frames[0], ret);
                if (r != CAPA_E_NO_ANSWER)
                        break;
                r = 0;
        }
        if (r == CAPA_E_NO_ANSWER)
                problem_set(&c->problem, 0,
                            broken ? "%s took the request, and the connection broke before it "
                                     "answered"
                            : sent ? "%s took the request but did not answer in time"
                                   : "no answer from %s: is capad running?",
                            endpoint);
        if (r != 0)
                close_socket(socket); /* may stand in the middle of a message */
        return r;
}
