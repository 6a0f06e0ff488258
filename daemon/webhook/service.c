/* Serving, reload, the end. A reload starts a second server with the new configuration on the same
 * socket, then quiets the first: no sender is turned away, and what cannot be started changes
 * nothing. */
#include "daemon/webhook/service.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "daemon/webhook/log.h"
#include "daemon/webhook/sender.h"
#include "daemon/webhook/server.h"

#define DRAIN_MARGIN_US INT64_C(2000000)

struct generation {              /* a configuration and its server */
        struct generation *next; /* the one that followed it */
        struct config *config;
        struct server *server;
        int64_t until_us; /* of one that was followed: when its connections are cut */
};

struct service {
        const char *path;
        struct sender *sender;
        int64_t ack_us; /* how long the sender waits, whatever was read since */
        struct generation *oldest, *newest;
};

static int64_t monotonic_us(void)
{
        struct timespec now;

        clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static struct generation *generation_free(struct generation *g)
{
        if (!g)
                return NULL;
        server_free(g->server); /* ends before the configuration it uses */
        config_free(g->config);
        free(g);
        return NULL;
}

static void generation_free_p(struct generation **g)
{
        *g = generation_free(*g);
}

/* Takes config over. 0; 1 after having said why not; -errno. */
static int generation_new(struct service *s, struct config *config, struct generation **ret)
{
        cleanup_(generation_free_p) struct generation *g = calloc(1, sizeof(*g));
        int r;

        if (!g) {
                config_free(config);
                return -ENOMEM;
        }
        g->config = config;
        r = server_new(config, s->sender, s->newest ? s->newest->server : NULL, &g->server);
        if (r != 0)
                return r;
        *ret = TAKE_PTR(g);
        return 0;
}

/* Servers of before follow the new configuration too, for what still comes to them. */
static void adopt(struct service *s, struct generation *g)
{
        const struct config *before = s->newest->config;

        s->newest->until_us = monotonic_us() + before->request_us + s->ack_us + DRAIN_MARGIN_US;
        for (struct generation *old = s->oldest; old; old = old->next)
                server_judge_by(old->server, g->config);
        server_quiesce(s->newest->server);
        s->newest->next = g;
        s->newest = g;
}

/* The oldest first, for it may use the configuration of those behind it. */
static void leave_old(struct service *s)
{
        while (s->oldest && s->oldest != s->newest &&
               (server_is_left(s->oldest->server) || s->oldest->until_us < monotonic_us())) {
                struct generation *next = s->oldest->next;

                generation_free(s->oldest);
                s->oldest = next;
        }
}

static void tell_ready(const struct service *s)
{
        const struct generation *g = s->newest;

        log_line(LOG_INFO, "listening on %s, %zu route%s", server_address(g->server),
                 g->config->n_routes, g->config->n_routes == 1 ? "" : "s");
        (void) sd_notifyf(false, "READY=1\nSTATUS=Listening on %s", server_address(g->server));
}

static void log_complaints(char *text)
{
        char *rest = NULL;

        log_line(LOG_ERR, "reload refused, what was in force stays:");
        for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
                log_line(LOG_ERR, "%s", line);
}

static bool needs_restart(const struct config *a, const struct config *b)
{
        return strcmp(a->ingest, b->ingest) != 0 || a->senders != b->senders ||
               a->ack_us != b->ack_us;
}

static int reload(struct service *s)
{
        cleanup_(buffer_done) struct buffer complaints = BUFFER_NULL;
        struct config *config = NULL;
        struct generation *g = NULL;
        int r;

        r = config_load(s->path, &config, &complaints);
        if (r == CONFIG_E_INVALID) {
                log_complaints(complaints.data);
                return r;
        }
        if (r == 0 && needs_restart(s->newest->config, config))
                log_line(LOG_WARNING,
                         "ingest, limits.senders and limits.ack stay as they are until "
                         "a restart");
        if (r == 0)
                r = generation_new(s, config, &g);
        if (r != 0) {
                log_line(LOG_ERR, "reload failed, what was in force stays%s%s", r < 0 ? ": " : "",
                         r < 0 ? strerror(-r) : "");
                return r;
        }
        adopt(s, g);
        return 0;
}

static void on_hangup(struct service *s)
{
        (void) sd_notifyf(false, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, monotonic_us());
        if (reload(s) == 0)
                tell_ready(s);
        else
                (void) sd_notify(false, "READY=1\nSTATUS=The last reload was refused, what was in "
                                        "force stays: see the log");
}

/* Until a signal asks us to end; looks at slow connections each second meanwhile. A server that was
 * just followed is left a round later at the earliest: it may be taking a connection right now. */
static void serve(struct service *s, const sigset_t *signals)
{
        const struct timespec second = {.tv_sec = 1};

        for (;;) {
                int number = sigtimedwait(signals, NULL, &second);

                if (number == SIGTERM || number == SIGINT)
                        return;
                for (struct generation *g = s->oldest; g; g = g->next)
                        server_tick(g->server);
                leave_old(s);
                if (number == SIGHUP)
                        on_hangup(s);
        }
}

static unsigned count_busy(const struct service *s)
{
        unsigned n = 0;

        for (const struct generation *g = s->oldest; g; g = g->next)
                n += server_busy(g->server);
        return n;
}

/* What was let in is answered, for no longer than an ack takes. */
static void drain(struct service *s)
{
        const struct timespec pause = {.tv_nsec = 20000000};
        int64_t until = monotonic_us() + s->ack_us + DRAIN_MARGIN_US;

        server_quiesce(s->newest->server);
        while (monotonic_us() < until && count_busy(s) > 0)
                nanosleep(&pause, NULL);
}

static void block_signals(sigset_t *ret)
{
        sigemptyset(ret);
        sigaddset(ret, SIGTERM);
        sigaddset(ret, SIGINT);
        sigaddset(ret, SIGHUP);
        sigprocmask(SIG_BLOCK, ret, NULL); /* all threads inherit it */
        signal(SIGPIPE, SIG_IGN);
}

static void service_done(struct service *s)
{
        while (s->oldest) {
                struct generation *next = s->oldest->next;

                generation_free(s->oldest);
                s->oldest = next;
        }
        sender_free(s->sender);
}

int service_run(const char *path, struct config *c)
{
        cleanup_(service_done) struct service s = {.path = path, .ack_us = c->ack_us};
        sigset_t signals;
        int r;

        block_signals(&signals);
        r = sender_new(c->ingest, c->ack_us, (size_t) c->senders, &s.sender);
        if (r == 0)
                r = generation_new(&s, c, &s.newest);
        else
                config_free(c);
        s.oldest = s.newest;
        if (r < 0)
                log_line(LOG_ERR, "cannot start: %s", strerror(-r));
        if (r != 0)
                return EXIT_FAILURE;
        tell_ready(&s);
        serve(&s, &signals);
        log_line(LOG_INFO, "stopping");
        (void) sd_notify(false, "STOPPING=1\nSTATUS=Answering what was let in");
        drain(&s);
        return EXIT_SUCCESS;
}
