/* HTTP by libmicrohttpd. It times out connections on which nothing moves; who sends a byte now and
 * then is cut by server_tick(), which shuts the socket down, so that the connection's own thread
 * sees its end. */
#include "daemon/webhook/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <inttypes.h>
#include <microhttpd.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "daemon/webhook/exchange.h"
#include "daemon/webhook/limits.h"
#include "daemon/webhook/log.h"

struct guest { /* a connection; owned by libmicrohttpd's callback from its start to its end */
        struct guest *next, *previous;
        int fd;
        int64_t until_us; /* when its next request must have arrived; 0: it has */
};

struct server {
        const struct config *config; /* for the next request; under the mutex */
        struct sender *sender;
        struct MHD_Daemon *daemon;
        char address[80];
        pthread_mutex_t mutex;
        struct guest *guests;
        unsigned n_busy;
        bool quiet;    /* takes no further connections, and each open one has its last request */
        int listening; /* the socket we listened on, once we are quiet; -1 before */
};

struct exchange { /* one request */
        struct server *server;
        struct MHD_Connection *connection;
        const struct config *config; /* that of its beginning */
        const struct route *route;   /* NULL: it is refused */
        struct reply refusal;        /* to be sent when the body is through, so that it is seen */
        struct buffer body;
        bool too_big;
};

static int64_t monotonic_us(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* ---- connections ---- */

static struct guest *guest_of(struct MHD_Connection *connection)
{
        const union MHD_ConnectionInfo *info =
                MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

        return info ? info->socket_context : NULL;
}

/* The time for the next request of a connection runs, or it has arrived. */
static void guest_expect(struct server *s, struct MHD_Connection *connection, bool expect)
{
        struct guest *g = guest_of(connection);

        pthread_mutex_lock(&s->mutex);
        if (g)
                g->until_us = expect ? monotonic_us() + s->config->request_us : 0;
        pthread_mutex_unlock(&s->mutex);
}

static void guest_begin(struct server *s, struct MHD_Connection *connection, void **context)
{
        const union MHD_ConnectionInfo *info =
                MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        struct guest *g = calloc(1, sizeof(*g));

        if (!g || !info) {
                free(g);
                return;
        }
        g->fd = info->connect_fd;
        pthread_mutex_lock(&s->mutex);
        g->until_us = monotonic_us() + s->config->request_us;
        g->next = s->guests;
        if (g->next)
                g->next->previous = g;
        s->guests = g;
        pthread_mutex_unlock(&s->mutex);
        *context = g;
}

static void guest_end(struct server *s, void **context)
{
        struct guest *g = TAKE_PTR(*context);

        if (!g)
                return;
        pthread_mutex_lock(&s->mutex);
        *(g->previous ? &g->previous->next : &s->guests) = g->next;
        if (g->next)
                g->next->previous = g->previous;
        pthread_mutex_unlock(&s->mutex);
        free(g);
}

static void on_connection(void *userdata, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
        if (code == MHD_CONNECTION_NOTIFY_STARTED)
                guest_begin(userdata, connection, context);
        else
                guest_end(userdata, context);
}

void server_tick(struct server *s)
{
        int64_t now = monotonic_us();
        unsigned n = 0;

        pthread_mutex_lock(&s->mutex);
        for (struct guest *g = s->guests; g; g = g->next)
                if (g->until_us > 0 && g->until_us < now) {
                        shutdown(g->fd, SHUT_RDWR);
                        g->until_us = 0;
                        n++;
                }
        pthread_mutex_unlock(&s->mutex);
        if (n > 0)
                log_limited(LOG_NOTICE,
                            "%u connections were cut: no whole request came in %" PRId64 " s", n,
                            s->config->request_us / 1000000);
}

/* ---- requests ---- */

static const char *get_header(void *connection, const char *name)
{
        return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

static const char *get_query(void *connection, const char *name)
{
        return MHD_lookup_connection_value(connection, MHD_GET_ARGUMENT_KIND, name);
}

static void peer_text(struct MHD_Connection *connection, char *ret, size_t size)
{
        const union MHD_ConnectionInfo *info =
                MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
        const struct sockaddr *address = info ? info->client_addr : NULL;

        snprintf(ret, size, "somebody");
        if (address && address->sa_family == AF_INET)
                inet_ntop(AF_INET, &((const struct sockaddr_in *) (const void *) address)->sin_addr,
                          ret, (socklen_t) size);
        else if (address && address->sa_family == AF_INET6)
                inet_ntop(AF_INET6,
                          &((const struct sockaddr_in6 *) (const void *) address)->sin6_addr, ret,
                          (socklen_t) size);
}

static bool server_is_quiet(struct server *s)
{
        bool quiet;

        pthread_mutex_lock(&s->mutex);
        quiet = s->quiet;
        pthread_mutex_unlock(&s->mutex);
        return quiet;
}

/* Hands reply->body over to libmicrohttpd. */
static enum MHD_Result respond(struct exchange *e, const char *path, struct reply *reply)
{
        struct MHD_Connection *connection = e->connection;
        char peer[INET6_ADDRSTRLEN];
        struct MHD_Response *response;
        enum MHD_Result result = MHD_NO;

        if (reply->status != 200) {
                peer_text(connection, peer, sizeof(peer));
                log_limited(reply->status >= 500 ? LOG_WARNING : LOG_NOTICE,
                            "%s from %s: answered %u: %.300s", path, peer, reply->status,
                            reply->body);
        }
        response = MHD_create_response_from_buffer(strlen(reply->body), reply->body,
                                                   MHD_RESPMEM_MUST_FREE);
        if (!response) {
                reply_done(reply);
                return MHD_NO;
        }
        reply->body = NULL;
        if (MHD_add_response_header(response, "Content-Type", "application/json") == MHD_YES &&
            (!server_is_quiet(e->server) ||
             MHD_add_response_header(response, "Connection", "close") == MHD_YES) &&
            (!reply->header ||
             MHD_add_response_header(response, reply->header, reply->value) == MHD_YES))
                result = MHD_queue_response(connection, reply->status, response);
        MHD_destroy_response(response);
        return result;
}

/* Did the sender show a certificate of our authority? Asked of each request: TLS itself only
 * requests one. */
static bool is_certified(const struct config *c, struct MHD_Connection *connection)
{
        const union MHD_ConnectionInfo *info;
        unsigned problems = 1;

        if (!c->client_ca)
                return true;
        info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
        return info && info->tls_session &&
               gnutls_certificate_verify_peers2(info->tls_session, &problems) == GNUTLS_E_SUCCESS &&
               problems == 0;
}

static struct exchange *exchange_new(struct server *s, struct MHD_Connection *connection)
{
        struct exchange *e = calloc(1, sizeof(*e));

        if (!e)
                return NULL;
        e->server = s;
        e->connection = connection;
        pthread_mutex_lock(&s->mutex);
        s->n_busy++;
        e->config = s->config;
        pthread_mutex_unlock(&s->mutex);
        return e;
}

/* More than is read for the sake of a clean answer. */
static bool claims_much(struct MHD_Connection *connection)
{
        const char *length = get_header(connection, "Content-Length");

        return length && strtoull(length, NULL, 10) > WEBHOOK_DISCARD_BYTES;
}

static enum MHD_Result begin(struct server *s, const struct request *q,
                             struct MHD_Connection *connection, void **context)
{
        struct exchange *e = exchange_new(s, connection);
        struct reply reply = {0};
        int r;

        if (!e)
                return MHD_NO;
        *context = e;
        if (!is_certified(e->config, connection)) {
                r = reply_error(&reply, 403,
                                "a client certificate of the authority in tls.client_ca is needed");
                r = r < 0 ? r : 1;
        } else
                r = exchange_admit(e->config, q, &e->route, &reply);
        if (r < 0)
                return MHD_NO;
        if (r == 0)
                return MHD_YES;
        if (get_header(connection, "Expect") || claims_much(connection))
                return respond(e, q->path, &reply);
        e->refusal = reply;
        return MHD_YES;
}

static void collect(struct exchange *e, const char *data, size_t *size)
{
        if (e->route && e->body.size + *size > LIMIT_EVENT_BYTES) {
                e->too_big = true; /* read to its end, so that the answer is seen */
                buffer_clear(&e->body);
        }
        if (e->route && !e->too_big)
                buffer_add(&e->body, data, *size);
        *size = 0;
}

static enum MHD_Result finish(struct exchange *e, const struct request *q)
{
        struct reply reply = {0};
        int r;

        guest_expect(e->server, e->connection, false);
        if (e->too_big)
                r = reply_error(&reply, 413, "the body is larger than the 4 MiB of one event");
        else if (buffer_status(&e->body) < 0)
                r = -ENOMEM;
        else
                r = exchange_answer(e->server->sender, e->route, q, &e->body, &reply);
        if (r < 0) {
                log_limited(LOG_ERR, "%s: no answer could be made: %s", q->path, strerror(-r));
                return MHD_NO;
        }
        return respond(e, q->path, &reply);
}

static enum MHD_Result on_request(void *userdata, struct MHD_Connection *connection,
                                  const char *url, const char *method, const char *version unused_,
                                  const char *data, size_t *size, void **context)
{
        const struct request q = {method, url, get_header, get_query, connection};
        struct exchange *e = *context;

        if (!e)
                return begin(userdata, &q, connection, context);
        if (*size > 0) {
                collect(e, data, size);
                return MHD_YES;
        }
        if (e->route)
                return finish(e, &q);
        return e->refusal.body ? respond(e, url, &e->refusal) : MHD_YES;
}

static void on_completed(void *userdata, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode code unused_)
{
        struct server *s = userdata;
        struct exchange *e = TAKE_PTR(*context);

        if (!e)
                return;
        guest_expect(s, connection, true);
        pthread_mutex_lock(&s->mutex);
        s->n_busy--;
        pthread_mutex_unlock(&s->mutex);
        reply_done(&e->refusal);
        buffer_done(&e->body);
        free(e);
}

/* ---- beginning and end ---- */

static void on_complaint(void *userdata unused_, const char *format, va_list arguments)
        printf_(2, 0);
static void on_complaint(void *userdata unused_, const char *format, va_list arguments)
{
        char text[300];
        size_t n;

        vsnprintf(text, sizeof(text), format, arguments);
        n = strlen(text);
        while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == '.'))
                text[--n] = '\0';
        if (n > 0)
                log_limited(LOG_WARNING, "libmicrohttpd: %s", text);
}

/* inherited: a socket that listens already, or -1. libmicrohttpd closes it also where it does not
 * start. */
static int start(struct server *s, int inherited)
{
        const struct config *c = s->config;
        unsigned flags = MHD_USE_THREAD_PER_CONNECTION | MHD_USE_INTERNAL_POLLING_THREAD |
                         MHD_USE_POLL | MHD_USE_ERROR_LOG | MHD_USE_ITC;
        struct MHD_OptionItem tls[4] = {{MHD_OPTION_END, 0, NULL}};
        size_t n = 0;

        if (c->address.any.sa_family == AF_INET6)
                flags |= MHD_USE_IPv6;
        if (c->certificate_text) {
                flags |= MHD_USE_TLS;
                tls[n++] =
                        (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, c->certificate_text};
                tls[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, c->key_text};
                if (c->client_ca_text)
                        tls[n++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_TRUST, 0,
                                                           c->client_ca_text};
                tls[n] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
        }
        errno = 0;
        s->daemon = MHD_start_daemon(
                flags, 0, NULL, NULL, on_request, s, MHD_OPTION_EXTERNAL_LOGGER, on_complaint, NULL,
                MHD_OPTION_SOCK_ADDR, &c->address.any, MHD_OPTION_CONNECTION_LIMIT,
                (unsigned) c->connections, MHD_OPTION_PER_IP_CONNECTION_LIMIT,
                (unsigned) c->connections_per_address, MHD_OPTION_CONNECTION_TIMEOUT,
                (unsigned) (c->idle_us / 1000000), MHD_OPTION_CONNECTION_MEMORY_LIMIT,
                (size_t) WEBHOOK_HEADER_BYTES, MHD_OPTION_THREAD_STACK_SIZE,
                (size_t) WEBHOOK_THREAD_BYTES, MHD_OPTION_STRICT_FOR_CLIENT, 1,
                MHD_OPTION_LISTENING_ADDRESS_REUSE, 0U, MHD_OPTION_NOTIFY_COMPLETED, on_completed,
                s, MHD_OPTION_NOTIFY_CONNECTION, on_connection, s, MHD_OPTION_ARRAY, tls,
                inherited >= 0 ? MHD_OPTION_LISTEN_SOCKET : MHD_OPTION_END, inherited,
                MHD_OPTION_END);
        if (s->daemon)
                return 0;
        log_line(LOG_ERR, "cannot listen on %s: %s%s", c->listen,
                 errno != 0 ? strerror(errno) : "libmicrohttpd does not start",
                 c->certificate ? "; or tls.certificate and tls.key don't fit each other" : "");
        return 1;
}

static int listening_socket(const struct server *s)
{
        const union MHD_DaemonInfo *info =
                MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_LISTEN_FD);

        return info ? info->listen_fd : -1;
}

/* The port may have been left to the kernel. */
static void write_address(struct server *s)
{
        const struct config *c = s->config;
        const char *colon = strrchr(c->listen, ':');
        union {
                struct sockaddr_in6 v6;
                struct sockaddr_in v4;
                struct sockaddr any;
        } address = {0};
        socklen_t size = sizeof(address);
        in_port_t port;

        (void) getsockname(listening_socket(s), &address.any, &size);
        port = address.any.sa_family == AF_INET6 ? address.v6.sin6_port : address.v4.sin_port;
        snprintf(s->address, sizeof(s->address), "http%s://%.*s:%u", c->certificate ? "s" : "",
                 (int) (colon - c->listen), c->listen, ntohs(port));
}

int server_new(const struct config *c, struct sender *sender, const struct server *before,
               struct server **ret)
{
        cleanup_(server_free_p) struct server *s = NULL;
        int inherited = -1, r;

        s = calloc(1, sizeof(*s));
        if (!s)
                return -ENOMEM;
        s->config = c;
        s->sender = sender;
        s->listening = -1;
        pthread_mutex_init(&s->mutex, NULL);
        if (before && strcmp(before->config->listen, c->listen) == 0) {
                inherited = fcntl(listening_socket(before), F_DUPFD_CLOEXEC, 0);
                if (inherited < 0)
                        return -errno;
        }
        r = start(s, inherited);
        if (r != 0)
                return r;
        write_address(s);
        *ret = TAKE_PTR(s);
        return 0;
}

void server_judge_by(struct server *s, const struct config *c)
{
        pthread_mutex_lock(&s->mutex);
        s->config = c;
        pthread_mutex_unlock(&s->mutex);
}

const char *server_address(const struct server *s)
{
        return s->address;
}

void server_quiesce(struct server *s)
{
        if (server_is_quiet(s))
                return;
        s->listening = MHD_quiesce_daemon(s->daemon);
        pthread_mutex_lock(&s->mutex);
        s->quiet = true;
        pthread_mutex_unlock(&s->mutex);
}

bool server_is_left(struct server *s)
{
        bool left;

        pthread_mutex_lock(&s->mutex);
        left = !s->guests;
        pthread_mutex_unlock(&s->mutex);
        return left;
}

unsigned server_busy(struct server *s)
{
        unsigned n;

        pthread_mutex_lock(&s->mutex);
        n = s->n_busy;
        pthread_mutex_unlock(&s->mutex);
        return n;
}

struct server *server_free(struct server *s)
{
        if (!s)
                return NULL;
        if (s->daemon)
                MHD_stop_daemon(s->daemon);
        if (s->listening >= 0)
                close(s->listening);
        pthread_mutex_destroy(&s->mutex);
        free(s);
        return NULL;
}

void server_free_p(struct server **s)
{
        *s = server_free(*s);
}
