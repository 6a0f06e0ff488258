/* Load generator for tests/bench and tests/fault: pushes numbered CloudEvents through the bus as
 * fast as acknowledgements allow, or at a steady rate, and prints what it saw as one line of JSON.
 * It speaks the wire by hand, with libzmq alone, so that it shares no code with what it measures.
 * Event n of a run has always the same bytes: a request that got BUSY is built again and sent
 * again. Latency runs from the moment an event was due to be sent, so a stalled daemon cannot hide
 * its stalls. */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <zmq.h>

#define N_SLOTS_MAX 4096
#define N_PEERS_MAX 16
#define EVENT_MAX   2048
#define ID_MAX      96

struct options {
        const char *endpoint;
        const char *run;     /* name of this run: part of every id */
        uint64_t events;     /* in all */
        uint64_t rate;       /* events a second; 0: as fast as acks allow */
        unsigned batch;      /* events a request */
        unsigned inflight;   /* requests a peer keeps open */
        unsigned peers;      /* connections */
        unsigned subjects;   /* fingerprints that the events go round */
        unsigned padding;    /* bytes of message text */
        uint64_t timeout_ms; /* without any reply for so long: give up */
        uint64_t resend_ms;  /* a request without reply for so long is sent again; 0: never */
        bool list;           /* print the number of each acked request's first event */
};

struct slot {
        bool used;
        unsigned peer;
        uint64_t first;    /* number of its first event */
        uint64_t due_us;   /* when it should have been sent */
        uint64_t again_us; /* when to send it again: after BUSY, or without a reply; 0: never */
};

struct generator {
        struct options o;
        void *context;
        void *peers[N_PEERS_MAX];
        unsigned open[N_PEERS_MAX]; /* requests in flight */
        struct slot slots[N_SLOTS_MAX];
        uint64_t started_us, base_us;
        uint64_t next; /* number of the next new event */
        uint64_t acked, busy, resent, not_stored, errors;
        uint64_t last_reply_us;
        uint32_t *latency_us; /* one a request */
        uint64_t n_latency;
        char example[400]; /* of a verdict other than stored */
};

static uint64_t clock_us(clockid_t id)
{
        struct timespec t;

        clock_gettime(id, &t);
        return (uint64_t) t.tv_sec * 1000000U + (uint64_t) t.tv_nsec / 1000U;
}

static size_t event_write(const struct generator *g, uint64_t n, char *out)
{
        uint64_t at = g->base_us + n;
        time_t second = (time_t) (at / 1000000U);
        struct tm tm;
        int length;

        gmtime_r(&second, &tm);
        length = snprintf(
                out, EVENT_MAX,
                "{\"specversion\":\"1.0\",\"id\":\"%s-%" PRIu64 "\",\"source\":\"/bench/%s\","
                "\"type\":\"bench.job.finished\",\"subject\":\"job-%03u\","
                "\"time\":\"%04d-%02d-%02dT%02d:%02d:%02d.%06uZ\",\"data\":{\"exit_code\":1,"
                "\"host\":\"host-%02u\",\"number\":%" PRIu64 ",\"message\":\"%0*u\"}}",
                g->o.run, n, g->o.run, (unsigned) (n % g->o.subjects), tm.tm_year + 1900,
                tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
                (unsigned) (at % 1000000U), (unsigned) (n % 40), n, (int) g->o.padding, 7U);
        return (size_t) length;
}

static unsigned slot_events(const struct generator *g, const struct slot *s)
{
        uint64_t left = g->o.events - s->first;

        return left < g->o.batch ? (unsigned) left : g->o.batch;
}

static const char *request_id(const struct generator *g, const struct slot *s, char *out)
{
        snprintf(out, ID_MAX, "%s-request-%012" PRIu64 "-%04u", g->o.run, s->first,
                 (unsigned) (s - g->slots));
        return out;
}

/* Sends a slot's request; false when the socket takes nothing now. */
static bool slot_send(struct generator *g, struct slot *s)
{
        void *socket = g->peers[s->peer];
        char id[ID_MAX], event[EVENT_MAX];
        unsigned n = slot_events(g, s);

        request_id(g, s, id);
        if (zmq_send(socket, "capa1", 5, ZMQ_SNDMORE | ZMQ_DONTWAIT) < 0)
                return false;
        zmq_send(socket, "PUT", 3, ZMQ_SNDMORE);
        zmq_send(socket, id, strlen(id), ZMQ_SNDMORE);
        zmq_send(socket, "", 0, ZMQ_SNDMORE);
        for (unsigned i = 0; i < n; i++) {
                size_t size = event_write(g, s->first + i, event);

                zmq_send(socket, event, size, i + 1 < n ? ZMQ_SNDMORE : 0);
        }
        s->again_us = g->o.resend_ms ? clock_us(CLOCK_MONOTONIC) + g->o.resend_ms * 1000U : 0;
        return true;
}

static struct slot *slot_free(struct generator *g)
{
        for (unsigned i = 0; i < g->o.inflight * g->o.peers; i++)
                if (!g->slots[i].used)
                        return &g->slots[i];
        return NULL;
}

static unsigned peer_idlest(const struct generator *g)
{
        unsigned best = 0;

        for (unsigned p = 1; p < g->o.peers; p++)
                if (g->open[p] < g->open[best])
                        best = p;
        return best;
}

/* Sends what may be sent now; returns when the next sending is due (µs, monotonic). */
static uint64_t send_due(struct generator *g)
{
        uint64_t now = clock_us(CLOCK_MONOTONIC), next_us = now + 50000;

        for (unsigned i = 0; i < g->o.inflight * g->o.peers; i++) {
                struct slot *s = &g->slots[i];

                if (!s->used || !s->again_us)
                        continue;
                if (s->again_us <= now) {
                        g->resent++;
                        slot_send(g, s);
                } else if (s->again_us < next_us)
                        next_us = s->again_us;
        }
        while (g->next < g->o.events) {
                uint64_t due = g->o.rate ? g->started_us + g->next * 1000000U / g->o.rate : now;
                struct slot *s = slot_free(g);

                if (!s)
                        break;
                if (due > now)
                        return due < next_us ? due : next_us;
                *s = (struct slot){true, peer_idlest(g), g->next, due, 0};
                if (!slot_send(g, s)) {
                        s->used = false;
                        break;
                }
                g->open[s->peer]++;
                g->next += slot_events(g, s);
        }
        return next_us;
}

static unsigned count_not_stored(const char *json)
{
        static const char *const bad[] = {"ignored", "conflict", "invalid", "too_big", "forbidden"};
        unsigned n = 0;

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
                char pattern[40];

                snprintf(pattern, sizeof(pattern), "\"status\":\"%s\"", bad[i]);
                for (const char *p = json; (p = strstr(p, pattern)); p++)
                        n++;
        }
        return n;
}

static void take_reply(struct generator *g, const char *status, const char *id, const char *body)
{
        const char *dash = strrchr(id, '-');
        unsigned long index = dash ? strtoul(dash + 1, NULL, 10) : N_SLOTS_MAX;
        char expected[ID_MAX];
        struct slot *s = index < N_SLOTS_MAX ? &g->slots[index] : NULL;
        uint64_t now = clock_us(CLOCK_MONOTONIC);

        g->last_reply_us = now;
        /* A request that was sent twice is answered twice; its slot may have another by then. */
        if (!s || !s->used || strcmp(id, request_id(g, s, expected)) != 0) {
                g->errors += !g->o.resend_ms;
                return;
        }
        if (!strcmp(status, "BUSY")) {
                g->busy++;
                s->again_us = now + 20000;
                return;
        }
        if (!strcmp(status, "ACK")) {
                unsigned bad = count_not_stored(body);

                if (bad && !g->example[0])
                        snprintf(g->example, sizeof(g->example), "%.300s", body);
                g->not_stored += bad;
                g->acked += slot_events(g, s);
                g->latency_us[g->n_latency++] = (uint32_t) (now - s->due_us);
                if (g->o.list)
                        printf("%" PRIu64 " %u\n", s->first, slot_events(g, s));
        } else {
                g->errors++;
                if (!g->example[0])
                        snprintf(g->example, sizeof(g->example), "%.20s %.300s", status, body);
        }
        g->open[s->peer]--;
        s->used = false;
}

static void receive_all(struct generator *g, void *socket)
{
        static char frames[4][1 << 20];

        for (;;) {
                unsigned n = 0;
                int more = 1;
                size_t size = sizeof(more);

                while (more) {
                        int r = zmq_recv(socket, frames[n < 4 ? n : 3], sizeof(frames[0]) - 1,
                                         ZMQ_DONTWAIT);

                        if (r < 0)
                                return;
                        if (n < 4)
                                frames[n][(size_t) r < sizeof(frames[0]) ? (size_t) r
                                                                         : sizeof(frames[0]) - 1] =
                                        '\0';
                        n++;
                        zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &size);
                }
                if (n == 4)
                        take_reply(g, frames[1], frames[2], frames[3]);
                else
                        g->errors++;
        }
}

static int compare_latency(const void *a, const void *b)
{
        uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;

        return (x > y) - (x < y);
}

static double percentile_ms(const struct generator *g, double share)
{
        uint64_t i = (uint64_t) ((double) g->n_latency * share);

        if (!g->n_latency)
                return 0;
        return g->latency_us[i < g->n_latency ? i : g->n_latency - 1] / 1000.0;
}

static void report(struct generator *g, double seconds)
{
        qsort(g->latency_us, g->n_latency, sizeof(uint32_t), compare_latency);
        for (char *p = g->example; *p; p++)
                if (*p == '"' || *p == '\\' || (unsigned char) *p < 0x20)
                        *p = '\'';
        printf("{\"acked\":%" PRIu64 ",\"seconds\":%.3f,\"per_second\":%.0f,\"busy\":%" PRIu64
               ",\"resent\":%" PRIu64 ",\"not_stored\":%" PRIu64 ",\"errors\":%" PRIu64
               ",\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f,\"example\":\"%s\"}\n",
               g->acked, seconds, (double) g->acked / seconds, g->busy, g->resent, g->not_stored,
               g->errors, percentile_ms(g, 0.5), percentile_ms(g, 0.99), percentile_ms(g, 1),
               g->example);
}

static int run(struct generator *g)
{
        zmq_pollitem_t items[N_PEERS_MAX] = {0};
        uint64_t wall;

        for (unsigned p = 0; p < g->o.peers; p++)
                items[p] = (zmq_pollitem_t){g->peers[p], 0, ZMQ_POLLIN, 0};
        g->base_us = clock_us(CLOCK_REALTIME) - g->o.events;
        g->started_us = g->last_reply_us = clock_us(CLOCK_MONOTONIC);
        while (g->acked < g->o.events && !g->errors) {
                uint64_t next_us = send_due(g), now = clock_us(CLOCK_MONOTONIC);

                zmq_poll(items, (int) g->o.peers,
                         next_us > now ? (long) ((next_us - now + 999) / 1000) : 0);
                for (unsigned p = 0; p < g->o.peers; p++)
                        receive_all(g, g->peers[p]);
                now = clock_us(CLOCK_MONOTONIC);
                if (now > g->last_reply_us + g->o.timeout_ms * 1000U)
                        break;
        }
        wall = clock_us(CLOCK_MONOTONIC) - g->started_us;
        report(g, (double) wall / 1e6);
        return g->acked >= g->o.events ? 0 : 1;
}

static int usage(void)
{
        fputs("usage: generator --endpoint E [--run NAME] [--events N] [--batch N] [--inflight N] "
              "[--peers N]\n"
              "                 [--subjects N] [--padding BYTES] [--rate EVENTS/S] [--timeout MS] "
              "[--list yes]\n",
              stderr);
        return 2;
}

static int options_read(int argc, char **argv, struct options *o)
{
        for (int i = 1; i + 1 < argc; i += 2) {
                const char *name = argv[i], *value = argv[i + 1];
                uint64_t n = strtoull(value, NULL, 10);

                if (!strcmp(name, "--endpoint"))
                        o->endpoint = value;
                else if (!strcmp(name, "--run"))
                        o->run = value;
                else if (!strcmp(name, "--list"))
                        o->list = !strcmp(value, "yes");
                else if (!strcmp(name, "--events"))
                        o->events = n;
                else if (!strcmp(name, "--rate"))
                        o->rate = n;
                else if (!strcmp(name, "--timeout"))
                        o->timeout_ms = n;
                else if (!strcmp(name, "--resend"))
                        o->resend_ms = n;
                else if (!strcmp(name, "--batch"))
                        o->batch = (unsigned) n;
                else if (!strcmp(name, "--inflight"))
                        o->inflight = (unsigned) n;
                else if (!strcmp(name, "--peers"))
                        o->peers = (unsigned) n;
                else if (!strcmp(name, "--subjects"))
                        o->subjects = (unsigned) n;
                else if (!strcmp(name, "--padding"))
                        o->padding = (unsigned) n;
                else
                        return -EINVAL;
        }
        if (!(argc % 2) || !o->endpoint || !o->batch || !o->subjects || !o->peers || !o->inflight ||
            o->peers > N_PEERS_MAX || o->inflight * o->peers > N_SLOTS_MAX || o->padding > 1000 ||
            strlen(o->run) > 40)
                return -EINVAL;
        return 0;
}

int main(int argc, char **argv)
{
        static struct generator g = {.o = {.run = "bench",
                                           .events = 100000,
                                           .batch = 500,
                                           .inflight = 8,
                                           .peers = 1,
                                           .subjects = 10,
                                           .padding = 100,
                                           .timeout_ms = 30000}};
        int status;

        if (options_read(argc, argv, &g.o) < 0)
                return usage();
        g.latency_us = calloc(g.o.events + 1, sizeof(uint32_t));
        g.context = zmq_ctx_new();
        if (!g.latency_us || !g.context)
                return 70;
        for (unsigned p = 0; p < g.o.peers; p++) {
                int zero = 0, high = 100000;

                g.peers[p] = zmq_socket(g.context, ZMQ_DEALER);
                zmq_setsockopt(g.peers[p], ZMQ_LINGER, &zero, sizeof(zero));
                zmq_setsockopt(g.peers[p], ZMQ_SNDHWM, &high, sizeof(high));
                if (zmq_connect(g.peers[p], g.o.endpoint) < 0) {
                        fprintf(stderr, "generator: cannot connect to '%s': %s\n", g.o.endpoint,
                                zmq_strerror(zmq_errno()));
                        return 2;
                }
        }
        status = run(&g);
        for (unsigned p = 0; p < g.o.peers; p++)
                zmq_close(g.peers[p]);
        zmq_ctx_term(g.context);
        free(g.latency_us);
        return status;
}
