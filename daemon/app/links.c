/* One statement at a time; what changes meanwhile is told after it. Ages are told, not dates, so
 * that no clock of ours has to agree with the database's. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <syslog.h>

#include "daemon/app/clock.h"
#include "daemon/app/links.h"
#include "daemon/app/log.h"
#include "proto/wire/timestamp.h"

/* The register takes a minute without being told for an absence, as with ticks. */
#define TELL_US   (15U * 1000U * 1000U)
#define STEADY_US (5U * 1000U * 1000U) /* where there are no heartbeats */

struct subscription_link {
        struct links *links;
        struct subscription_link *next;
        const char *name;
        const char *const *sources;
        struct standing standing;
        int64_t since_wall_us; /* of being connected, or not */
};

struct links {
        struct connection *connection;
        const char *name;
        uint64_t steady_us, unnoticed_us;
        struct subscription_link *first, **last;
        bool telling, again;
        uint64_t told_us;
        sd_event_source *timer;
};

static void tell(struct links *l);

/* The next look: soon while a link is about to settle. */
static void plan(struct links *l)
{
        uint64_t delay = TELL_US;

        for (struct subscription_link *s = l->first; s; s = s->next)
                if (!standing_is_settled(&s->standing))
                        delay = MIN(delay, l->steady_us / 4 + 1000U);
        (void) sd_event_source_set_time_relative(l->timer, delay);
        (void) sd_event_source_set_enabled(l->timer, SD_EVENT_ONESHOT);
}

static void write_link(const struct subscription_link *s, uint64_t now, struct buffer *b)
{
        bool up = s->standing.state == STANDING_UP;
        uint64_t age_us = now - s->standing.since_us + (up ? 0 : s->links->unnoticed_us);

        buffer_add_str(b, b->size > 1 ? ",{\"name\":" : "{\"name\":");
        buffer_add_json_cstr(b, s->name);
        if (s->sources) {
                buffer_add_str(b, ",\"sources\":[");
                for (size_t i = 0; s->sources[i]; i++) {
                        if (i > 0)
                                buffer_add_char(b, ',');
                        buffer_add_json_cstr(b, s->sources[i]);
                }
                buffer_add_char(b, ']');
        }
        if (s->standing.state != STANDING_UNKNOWN)
                buffer_printf(b, ",\"up\":%s,\"for_ms\":%" PRIu64, up ? "true" : "false",
                              age_us / 1000U);
        buffer_add_char(b, '}');
}

static void on_told(const struct answer *a, void *userdata)
{
        static struct log_limit limit;
        struct links *l = userdata;

        l->telling = false;
        if (a->kind != ANSWER_ROWS && a->kind != ANSWER_AWAY)
                log_limited(&limit, LOG_ERR, "api.links failed: %s", a->message);
        if (l->again)
                tell(l);
}

static void tell(struct links *l)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        uint64_t now = clock_us();

        if (l->telling) {
                l->again = true;
                return;
        }
        l->again = false;
        l->told_us = now;
        buffer_add_char(&b, '[');
        for (const struct subscription_link *s = l->first; s; s = s->next)
                write_link(s, now, &b);
        buffer_add_char(&b, ']');
        if (buffer_status(&b) < 0)
                return; /* the next time */
        const struct parameter parameters[] = {PARAMETER_TEXT(l->name), PARAMETER_TEXT(b.data)};

        /* Where it cannot be sent the connection will be back, and so will we. */
        l->telling = connection_send(l->connection, "links", parameters, ARRAY_LEN(parameters),
                                     on_told, l) == 0;
}

/* What the clock has decided, and whether it is time to tell. */
static void look(struct links *l)
{
        uint64_t now = clock_us();
        bool due = l->first && now - l->told_us >= TELL_US;

        for (struct subscription_link *s = l->first; s; s = s->next)
                due = standing_settle(&s->standing, now, l->steady_us) || due;
        if (due && connection_ready(l->connection))
                tell(l);
}

static int on_timer(sd_event_source *source unused_, uint64_t usec unused_, void *userdata)
{
        struct links *l = userdata;

        look(l);
        plan(l);
        return 0;
}

int links_new(sd_event *event, struct connection *connection, const char *name,
              uint64_t heartbeat_us, struct links **ret)
{
        cleanup_(links_free_p) struct links *l = calloc(1, sizeof(*l));
        int r;

        if (!l)
                return -ENOMEM;
        l->connection = connection;
        l->name = name;
        l->steady_us = heartbeat_us > 0 ? heartbeat_us : STEADY_US;
        l->unnoticed_us = 3U * heartbeat_us; /* ZMQ_HEARTBEAT_TIMEOUT */
        l->last = &l->first;
        r = sd_event_add_time_relative(event, &l->timer, CLOCK_MONOTONIC, TELL_US, 1000, on_timer,
                                       l);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(l);
        return 0;
}

struct links *links_free(struct links *l)
{
        if (!l)
                return NULL;
        for (struct subscription_link *s = l->first, *next; s; s = next) {
                next = s->next;
                free(s);
        }
        sd_event_source_disable_unref(l->timer);
        free(l);
        return NULL;
}

void links_free_p(struct links **l)
{
        *l = links_free(*l);
}

struct subscription_link *links_add(struct links *l, const char *name, const char *const *sources)
{
        struct subscription_link *s = calloc(1, sizeof(*s));

        if (!s)
                return NULL;
        s->links = l;
        s->name = name;
        s->sources = sources;
        s->since_wall_us = clock_wall_us();
        standing_init(&s->standing, clock_us());
        *l->last = s;
        l->last = &s->next;
        plan(l);
        return s;
}

void links_change(struct subscription_link *link, bool stands)
{
        link->since_wall_us = clock_wall_us();
        look(link->links); /* one that comes and goes quickly is looked at between */
        standing_change(&link->standing, stands, clock_us());
        plan(link->links);
}

void links_tell(struct links *l)
{
        tell(l);
}

void links_write(const struct subscription_link *link, struct buffer *b)
{
        char since[TIMESTAMP_MAX];

        timestamp_format(link->since_wall_us, since, sizeof(since));
        buffer_printf(b, "\"connected\":%s,\"since\":\"%s\"",
                      link->standing.connected ? "true" : "false", since);
}
