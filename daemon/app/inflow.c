/* In order, across the switch between both ways: while something is in the spool, or a BUSY is
 * still expected for what went directly, nothing new overtakes it. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "daemon/app/clock.h"
#include "daemon/app/inflow.h"
#include "daemon/app/log.h"
#include "proto/base/limits.h"
#include "proto/seal/hash.h"

#define DRAIN_IN_FLIGHT 64U
#define RETRY_US        (1000U * 1000U)
#define ID_BYTES        64
#define SUBSCRIPTION    "subscription" /* begins the delivery id of what came by one */

struct source {
        struct inflow *inflow;
        struct intake *intake;
        /* Borrowed from the configuration that opened it: */
        const char *name, *adapter, *endpoint; /* endpoint: of a subscription */
        const char *const *prefixes;    /* of "source" that a subscription may carry; NULL: any */
        struct subscription_link *link; /* the links'; NULL: pull */
        struct log_limit flapping;
        bool is_pull, has_sequence;
        unsigned sequence; /* of the last message */
        uint64_t received, lost;
};

struct inflow {
        sd_event *event;
        struct batcher *batcher;
        struct generation *generation;
        struct generation *opened; /* holds the names of the sources */
        struct spool *spool;
        struct source *sources;
        size_t n_sources;
        struct inflow_counters counters;
        unsigned n_direct, n_draining;
        int64_t drained_to; /* number of the last entry given to the batcher */
        bool rewind;        /* something of what is in flight must be read again */
        bool full;          /* the spool takes no more */
        char salt[17];
        uint64_t deliveries;
        sd_event_source *timer;
};

struct direct { /* a message on its way without the spool */
        struct request request;
        struct source *source;
        struct push *push;
        struct generation *generation;
        char id[ID_BYTES];
};

struct drained { /* an entry of the spool on its way */
        struct request request;
        struct inflow *inflow;
        struct spool_entry entry;
};

static void lost(struct inflow *f, const struct problem *p)
{
        static struct log_limit limit;

        f->counters.lost++;
        log_limited(&limit, LOG_ERR, "an event from pull or a subscription is lost: %s", p->text);
}

static void spool_one(struct inflow *f, const char *id, const char *adapter, const char *source,
                      const struct frame *event)
{
        const struct spool_request request = {.request_id = id,
                                              .adapter = adapter,
                                              .source = source,
                                              .frames = event,
                                              .n_frames = 1};
        struct problem p = {0};
        int r;

        r = spool_append(f->spool, &request, &p);
        f->full = r == SPOOL_E_FULL;
        if (r != 0) {
                if (r < 0)
                        problem_set(&p, 0, "%s", strerror(-r));
                lost(f, &p);
                return;
        }
        f->counters.spooled++;
        f->counters.queued++;
}

static void direct_reply(struct request *r, enum outcome outcome, const char *body, size_t size)
{
        struct direct *d = (struct direct *) r;
        struct inflow *f = d->source->inflow;
        struct problem p = {0};

        f->n_direct--;
        if (outcome == OUTCOME_BUSY) {
                spool_one(f, d->id, d->source->adapter, d->request.peer, &d->push->message.event);
        } else if (outcome == OUTCOME_FAILED) {
                problem_set(&p, 0, "%.*s", (int) MIN(size, (size_t) 200), body);
                lost(f, &p);
        }
        push_free(d->push);
        generation_unref(d->generation);
        free(d);
}

static void drained_free(struct drained *d)
{
        spool_entry_done(&d->entry);
        free(d);
}

static void drained_reply(struct request *r, enum outcome outcome, const char *body, size_t size)
{
        struct drained *d = (struct drained *) r;
        struct inflow *f = d->inflow;
        struct problem p = {0};
        int result = 0;

        f->n_draining--;
        if (outcome == OUTCOME_ACK) {
                result = spool_drop(f->spool, d->entry.number, &p);
                f->counters.drained++;
                f->counters.queued -= f->counters.queued > 0;
        } else if (outcome == OUTCOME_FAILED) {
                cleanup_(free_p) char *verdicts = strndup(body, size);

                result = spool_refuse(f->spool, d->entry.number, verdicts ? verdicts : "{}", &p);
                f->counters.queued -= f->counters.queued > 0;
        } else {
                f->drained_to = MIN(f->drained_to, d->entry.number - 1); /* from here again */
                f->rewind = true;
        }
        if (result != 0)
                lost(f, &p);
        drained_free(d);
        (void) sd_event_source_set_time_relative(f->timer, outcome == OUTCOME_BUSY ? RETRY_US : 0);
        (void) sd_event_source_set_enabled(f->timer, SD_EVENT_ONESHOT);
}

/* By which subscription an entry of the spool came; NULL: by pull, or it is configured no more. */
static const struct source *subscription_of(const struct inflow *f, const struct spool_entry *e)
{
        if (strncmp(e->request_id, SUBSCRIPTION "-", strlen(SUBSCRIPTION "-")) != 0)
                return NULL;
        for (size_t i = 0; i < f->n_sources; i++)
                if (!f->sources[i].is_pull && strcmp(f->sources[i].name, e->source) == 0)
                        return &f->sources[i];
        return NULL;
}

static const char *const *principal_sources(const struct inflow *f, const struct spool_entry *e)
{
        const struct principal *p =
                principals_named(f->generation->principals, e->source, strlen(e->source));

        return p ? p->sources : NULL;
}

/* Peer and delivery id are those of the receipt, so that what had been committed comes back as
 * duplicate. */
static int drain_one(struct inflow *f, const struct spool_entry *e)
{
        const struct source *s = subscription_of(f, e);
        struct drained *d = calloc(1, sizeof(*d));

        if (!d)
                return -ENOMEM;
        d->inflow = f;
        d->entry = *e;
        d->request = (struct request){
                .peer = d->entry.source,
                .sources = s ? s->prefixes : principal_sources(f, e),
                .subscription = !s || s->prefixes ? NULL : s->name,
                .adapter = {.data = d->entry.adapter, .size = strlen(d->entry.adapter)},
                .id = {.data = d->entry.request_id, .size = strlen(d->entry.request_id)},
                .events = d->entry.frames,
                .n_events = d->entry.n_frames,
                .received_us = clock_us(),
                .reply = drained_reply,
        };
        for (size_t i = 0; i < d->entry.n_frames; i++)
                d->request.bytes += d->entry.frames[i].size;
        f->n_draining++;
        f->drained_to = e->number;
        return batcher_submit(f->batcher, &d->request);
}

int inflow_wake(struct inflow *f)
{
        struct problem p = {0};
        int r;

        if (f->rewind && f->n_draining > 0)
                return 0;
        f->rewind = false;
        while (f->counters.queued > f->n_draining && f->n_draining < DRAIN_IN_FLIGHT &&
               f->n_direct == 0 && batcher_ready(f->batcher) && !batcher_full(f->batcher)) {
                struct spool_entry entry;

                r = spool_next(f->spool, f->drained_to, &entry, &p);
                if (r == SPOOL_E_EMPTY) {
                        if (f->n_draining == 0)
                                f->counters.queued = 0;
                        f->drained_to = f->n_draining == 0 ? 0 : f->drained_to;
                        return 0;
                }
                if (r > 0) {
                        log_line(LOG_ERR, "the spool cannot be read: %s", p.text);
                        return 0;
                }
                if (r == 0)
                        r = drain_one(f, &entry);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int on_timer(sd_event_source *s, uint64_t usec unused_, void *userdata)
{
        struct inflow *f = userdata;
        int r;

        r = inflow_wake(f);
        if (r < 0)
                return sd_event_exit(f->event, r);
        r = sd_event_source_set_time_relative(s, RETRY_US); /* a writer may come back at any time */
        return r < 0 ? r : sd_event_source_set_enabled(s, SD_EVENT_ONESHOT);
}

/* Sequences of a publisher count up by one; what is missing was lost between it and us. */
static void count_gap(struct source *s, const struct wire_push *m)
{
        if (!m->has_sequence)
                return;
        if (s->has_sequence && m->sequence != s->sequence + 1U && m->sequence > s->sequence) {
                s->lost += m->sequence - s->sequence - 1U;
                s->inflow->counters.gaps += m->sequence - s->sequence - 1U;
        }
        s->has_sequence = true;
        s->sequence = m->sequence;
}

static const struct principal *sender(const struct source *s, const struct push *p)
{
        return s->is_pull ? principals_find(s->inflow->generation->principals, &p->identity) : NULL;
}

static int submit(struct source *s, struct push *p, const struct principal *principal)
{
        struct inflow *f = s->inflow;
        struct direct *d = calloc(1, sizeof(*d));

        if (!d) {
                push_free(p);
                return -ENOMEM;
        }
        d->source = s;
        d->push = p;
        d->generation = generation_ref(f->generation);
        snprintf(d->id, sizeof(d->id), "%s-%s-%" PRIu64, s->is_pull ? "pull" : SUBSCRIPTION,
                 f->salt, ++f->deliveries);
        d->request = (struct request){
                .peer = principal ? principal->name : s->name,
                .sources = principal ? principal->sources : s->prefixes,
                .subscription = s->is_pull || s->prefixes ? NULL : s->name,
                .adapter = {.data = s->adapter, .size = strlen(s->adapter)},
                .id = {.data = d->id, .size = strlen(d->id)},
                .events = &p->message.event,
                .n_events = 1,
                .bytes = p->bytes,
                .received_us = clock_us(),
                .reply = direct_reply,
        };
        f->n_direct++;
        if (f->counters.queued > 0 || !batcher_ready(f->batcher)) {
                direct_reply(&d->request, OUTCOME_BUSY, "", 0);
                return 0;
        }
        return batcher_submit(f->batcher, &d->request);
}

static int on_push(struct push *p, void *userdata)
{
        static struct log_limit limit;
        struct source *s = userdata;
        const struct principal *principal = sender(s, p);

        s->received++;
        s->inflow->counters.received++;
        count_gap(s, &p->message);
        if (s->is_pull && !principal) {
                s->inflow->counters.forbidden++;
                log_limited(&limit, LOG_WARNING,
                            "pull: a peer (uid %u) that is none of the principals: dropped",
                            p->identity.uid);
                push_free(p);
                return 0;
        }
        return submit(s, p, principal);
}

static void on_malformed(const struct problem *problem, void *userdata)
{
        static struct log_limit limit;
        struct source *s = userdata;

        s->inflow->counters.malformed++;
        log_limited(&limit, LOG_WARNING, "%s: a message that cannot be read: %s", s->name,
                    problem->text);
}

static void on_link(bool stands, void *userdata)
{
        struct source *s = userdata;

        log_limited(&s->flapping, LOG_NOTICE, "subscription %s: its link %s", s->name,
                    stands ? "stands" : "is down; what it carries is not heard");
        links_change(s->link, stands);
}

static bool is_full(void *userdata)
{
        const struct inflow *f = ((struct source *) userdata)->inflow;

        return f->full || batcher_full(f->batcher) || f->n_direct >= LIMIT_PUSHES ||
               (f->counters.queued > 0 && f->n_direct > 0);
}

int inflow_new(sd_event *event, struct batcher *batcher, const char *spool_path,
               struct inflow **ret, struct problem *reterr)
{
        cleanup_(inflow_free_p) struct inflow *f = NULL;
        uint8_t salt[SALT_BYTES];
        uint64_t refused;
        int r;

        f = calloc(1, sizeof(*f));
        if (!f)
                return -ENOMEM;
        f->event = sd_event_ref(event);
        f->batcher = batcher;
        salt_make(salt);
        for (size_t i = 0; i < 8; i++)
                snprintf(f->salt + 2 * i, 3, "%02x", salt[i]);
        r = spool_open(spool_path, &f->spool, reterr);
        if (r == 0)
                r = spool_count(f->spool, &f->counters.queued, &refused, reterr);
        if (r != 0)
                return r;
        r = sd_event_add_time_relative(event, &f->timer, CLOCK_MONOTONIC, RETRY_US, 1000, on_timer,
                                       f);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(f);
        return 0;
}

struct inflow *inflow_free(struct inflow *f)
{
        if (!f)
                return NULL;
        for (size_t i = 0; i < f->n_sources; i++)
                intake_free(f->sources[i].intake);
        free(f->sources);
        sd_event_source_disable_unref(f->timer);
        spool_free(f->spool);
        generation_unref(f->generation);
        generation_unref(f->opened);
        sd_event_unref(f->event);
        free(f);
        return NULL;
}

void inflow_free_p(struct inflow **f)
{
        *f = inflow_free(*f);
}

void inflow_set_generation(struct inflow *f, struct generation *g)
{
        struct generation *old = f->generation;

        f->generation = generation_ref(g);
        generation_unref(old);
}

static int open_pull(struct inflow *f, struct bus *bus, struct problem *reterr)
{
        const struct config *config = f->generation->config;
        struct source *s = &f->sources[f->n_sources++];
        const struct intake_handler handler = {
                .on_push = on_push, .on_malformed = on_malformed, .full = is_full, .userdata = s};

        *s = (struct source){
                .inflow = f, .is_pull = true, .name = "pull", .adapter = config->pull_adapter};
        return intake_new_pull(bus, (const char *const *) config->pull, &handler, &s->intake,
                               reterr);
}

static int open_subscription(struct inflow *f, struct bus *bus, struct links *links,
                             const struct subscription_config *c, struct problem *reterr)
{
        struct source *s = &f->sources[f->n_sources++];
        const struct intake_handler handler = {.on_push = on_push,
                                               .on_malformed = on_malformed,
                                               .on_link = on_link,
                                               .full = is_full,
                                               .userdata = s};

        *s = (struct source){.inflow = f,
                             .name = c->name,
                             .adapter = c->adapter,
                             .endpoint = c->endpoint,
                             .prefixes = (const char *const *) c->sources};
        s->link = links_add(links, s->name, s->prefixes);
        if (!s->link)
                return -ENOMEM;
        return intake_new_subscription(bus, c->endpoint, (const char *const *) c->topics, &handler,
                                       &s->intake, reterr);
}

int inflow_open(struct inflow *f, struct bus *bus, struct links *links, struct problem *reterr)
{
        const struct config *config = f->generation->config;
        int r;

        f->opened = generation_ref(f->generation);
        f->sources = calloc(config->n_subscriptions + 1, sizeof(*f->sources));
        if (!f->sources)
                return -ENOMEM;
        if (config->pull && config->pull[0]) {
                r = open_pull(f, bus, reterr);
                if (r != 0)
                        return r;
        }
        for (size_t i = 0; i < config->n_subscriptions; i++) {
                r = open_subscription(f, bus, links, &config->subscriptions[i], reterr);
                if (r != 0)
                        return r;
        }
        return 0;
}

void inflow_stop(struct inflow *f)
{
        for (size_t i = 0; i < f->n_sources; i++)
                if (f->sources[i].intake)
                        intake_stop(f->sources[i].intake);
}

const struct inflow_counters *inflow_counters(const struct inflow *f)
{
        return &f->counters;
}

void inflow_write_sources(const struct inflow *f, struct buffer *b)
{
        bool first = true;

        buffer_add_char(b, '{');
        for (size_t i = 0; i < f->n_sources; i++) {
                const struct source *s = &f->sources[i];

                if (s->is_pull)
                        continue;
                if (!first)
                        buffer_add_char(b, ',');
                first = false;
                buffer_add_json_cstr(b, s->name);
                buffer_add_str(b, ":{\"endpoint\":");
                buffer_add_json_cstr(b, s->endpoint);
                buffer_printf(b, ",\"received\":%" PRIu64 ",\"lost\":%" PRIu64 ",", s->received,
                              s->lost);
                links_write(s->link, b);
                buffer_add_char(b, '}');
        }
        buffer_add_char(b, '}');
}
