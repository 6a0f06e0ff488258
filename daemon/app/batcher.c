/* Each writer has its own queue, one filling batch, and a list of batches in flight, oldest first.
 *
 * Order across failures: a batch names the one before it, and the database does nothing with one
 * whose predecessor did not commit (sql/queries/ingest.sql), so those behind a failed one come back
 * empty and are sent again behind it. New batches wait until the list is clean. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/app/batcher.h"
#include "daemon/app/clock.h"

#define IN_FLIGHT_MAX 2U
#define ATTEMPTS_MAX  10U
#define CHECK_US      (100U * 1000U)
/* Bytes after which a batch goes whatever its number of events: one PUT's worth. */
#define BATCH_BYTES (16UL * 1024 * 1024)

struct writer {
        struct batcher *batcher;
        struct connection *connection;
        struct request *queue, *queue_last;
        struct batch *filling;
        struct batch *flying; /* oldest first */
        unsigned n_flying, n_outstanding;
        char committed[24]; /* token of the last batch that this session committed */
        sd_event_source *timer;
        bool timer_set;
};

struct batcher {
        sd_event *event;
        struct batcher_config config;
        struct batcher_events events;
        struct batcher_counters counters;
        struct writer writers[WRITERS_MAX];
        unsigned n_writers;
        struct batch *spare;
        struct judge *judge;
        struct ruleset *rules;
        bool loaded;
        size_t bytes; /* of all requests that are not answered */
        uint64_t unique, tokens;
        sd_event_source *check;
};

static int pump(struct writer *w);

static void answer_busy(struct batcher *b, struct request *r, const char *reason)
{
        char body[128];
        int n;

        n = snprintf(body, sizeof(body), "{\"retry_after_ms\":%u,\"reason\":\"%s\"}",
                     b->config.retry_ms, reason);
        b->counters.busy++;
        r->reply(r, OUTCOME_BUSY, body, (size_t) n);
}

static void batch_busy(struct writer *w, struct batch *batch, const char *reason)
{
        struct batcher *b = w->batcher;

        b->bytes -= batch->ended ? 0 : batch->bytes;
        for (struct request *r = batch->first, *next; r; r = next) {
                next = r->next;
                answer_busy(b, r, reason);
        }
        batch->first = batch->last = NULL;
        batch->ended = true;
}

static void batch_release(struct batcher *b, struct batch *batch)
{
        batch_clear(batch);
        batch->next = b->spare;
        b->spare = batch;
}

static int batch_take(struct batcher *b, struct batch **ret)
{
        struct batch *batch = b->spare;
        int r;

        if (batch) {
                b->spare = batch->next;
                batch->next = NULL;
        } else {
                r = batch_new(&batch);
                if (r < 0)
                        return r;
        }
        batch->rules = ruleset_ref(b->rules);
        *ret = batch;
        return 0;
}

static void queue_busy(struct writer *w, const char *reason)
{
        while (w->queue) {
                struct request *r = w->queue;

                w->queue = r->next;
                w->batcher->bytes -= r->bytes;
                answer_busy(w->batcher, r, reason);
        }
        w->queue_last = NULL;
        if (w->filling) {
                batch_busy(w, w->filling, reason);
                batch_release(w->batcher, w->filling);
                w->filling = NULL;
        }
}

/* The batch's work is over; requests that are still open get this outcome. */
static void batch_fail(struct writer *w, struct batch *batch, const char *code, const char *message)
{
        cleanup_(buffer_done) struct buffer body = BUFFER_NULL;

        if (batch->ended)
                return;
        buffer_printf(&body, "{\"code\":\"%s\",\"message\":", code);
        buffer_add_json_cstr(&body, message);
        buffer_add_char(&body, '}');
        w->batcher->bytes -= batch->bytes;
        batch_answer_all(batch, OUTCOME_FAILED, body.data ? body.data : "{}",
                         body.data ? body.size : 2);
}

static void unlink_flying(struct writer *w, struct batch *batch)
{
        struct batch **at = &w->flying;

        while (*at != batch)
                at = &(*at)->next;
        *at = batch->next;
        w->n_flying--;
        batch_release(w->batcher, batch);
}

static void finish(struct writer *w, struct batch *batch, const struct answer *a)
{
        struct batcher *b = w->batcher;
        size_t size = 0;
        const char *json = answer_value(a, 0, 0, &size);
        int r = 0;

        memcpy(w->committed, batch->token, sizeof(w->committed));
        b->counters.batches++;
        if (!batch->ended) {
                r = batch_answer(batch, json, size, &b->counters.events);
                if (r == 0)
                        b->bytes -= batch->bytes;
        }
        if (r != 0) {
                batch_fail(w, batch, "internal",
                           "the register's answer could not be read; the events are stored");
                b->events.on_broken("", "the result of api.ingest does not fit its batch",
                                    b->events.userdata);
        }
        if (b->events.on_committed)
                b->events.on_committed(b->events.userdata);
        unlink_flying(w, batch);
}

/* What an answer means for a batch: done, once more, or given up. */
static void settle(struct writer *w, struct batch *batch, const struct answer *a)
{
        struct batcher *b = w->batcher;

        if (a->kind == ANSWER_ROWS && answer_rows(a) == 1) {
                finish(w, batch, a);
                return;
        }
        if (a->kind == ANSWER_ROWS) { /* its predecessor failed: nothing was done */
                batch->again = true;
                return;
        }
        if (a->kind == ANSWER_AWAY) {
                batch_busy(w, batch, "the database is away");
                unlink_flying(w, batch);
                return;
        }
        batch->attempts++;
        batch->again = batch->attempts < ATTEMPTS_MAX;
        if (a->kind == ANSWER_AGAIN)
                b->counters.retries++;
        else if (a->kind == ANSWER_REFUSED && strcmp(a->sqlstate, "CA005") == 0) {
                batch_busy(w, batch, "the rules are not loaded yet");
                b->loaded = false;
                unlink_flying(w, batch);
                b->events.on_unknown_rules(b->events.userdata);
                return;
        } else if (!batch->careful) {
                batch->careful = true;
                b->counters.careful++;
                if (a->kind != ANSWER_DATA)
                        b->events.on_broken(a->sqlstate, a->message, b->events.userdata);
        } else {
                batch->again = false;
        }
        if (batch->again) {
                if (batch->ended) /* told BUSY already, and nothing was done: the sender has it */
                        unlink_flying(w, batch);
                return;
        }
        b->events.on_broken(a->sqlstate, a->message, b->events.userdata);
        batch_fail(w, batch, "internal",
                   "the register could not take this request; the daemon's log says why. Nothing "
                   "of it is stored");
        unlink_flying(w, batch);
}

static void on_answer(const struct answer *a, void *userdata)
{
        struct batch *batch = userdata;
        struct writer *w = batch->writer;
        int r;

        w->n_outstanding--;
        settle(w, batch, a);
        r = pump(w);
        if (r < 0)
                (void) sd_event_exit(w->batcher->event, r);
}

static int send(struct writer *w, struct batch *batch)
{
        const struct batch *before = NULL;
        struct parameter parameters[4];
        int r;

        for (const struct batch *f = w->flying; f && f != batch; f = f->next)
                before = f;
        memcpy(batch->after, before ? before->token : w->committed, sizeof(batch->after));
        parameters[0] = PARAMETER_TEXT(batch->wire.meta.data);
        parameters[1] = PARAMETER_BINARY(batch->wire.bodies.data, batch->wire.bodies.size);
        parameters[2] = PARAMETER_TEXT(batch->after);
        parameters[3] = PARAMETER_TEXT(batch->token);
        batch->again = false;
        batch->sent_us = clock_us();
        r = connection_send(w->connection, batch->careful ? "ingest_careful" : "ingest", parameters,
                            ARRAY_LEN(parameters), on_answer, batch);
        if (r == 0)
                w->n_outstanding++;
        return r;
}

/* Batches that have to go once more, oldest first, when nothing is on its way any more. */
static int resend(struct writer *w)
{
        int r;

        if (w->n_outstanding > 0)
                return 0;
        for (struct batch *batch = w->flying, *next; batch; batch = next) {
                next = batch->next;
                r = send(w, batch);
                if (r < 0)
                        return r;
                if (r > 0) {
                        batch_busy(w, batch, "the database is away");
                        unlink_flying(w, batch);
                }
        }
        return 0;
}

static bool must_resend(const struct writer *w)
{
        for (const struct batch *batch = w->flying; batch; batch = batch->next)
                if (batch->again)
                        return true;
        return false;
}

static int dispatch(struct writer *w)
{
        struct batcher *b = w->batcher;
        struct batch *batch = TAKE_PTR(w->filling);
        struct batch **end = &w->flying;
        char hex[2 * HASH_BYTES + 1];
        int r;

        if (batch_events(batch) == 0) { /* only noise: there is nothing to store */
                b->bytes -= batch->bytes;
                r = batch_answer(batch, NULL, 0, &b->counters.events);
                batch_release(b, batch);
                return r < 0 ? r : 0;
        }
        hash_hex(ruleset_hash(batch->rules), hex);
        r = ingest_finish(&batch->wire, b->config.daemon_name, hex);
        if (r < 0)
                return r;
        snprintf(batch->token, sizeof(batch->token), "%" PRIu64, ++b->tokens);
        batch->writer = w;
        batch->next = NULL;
        while (*end)
                end = &(*end)->next;
        *end = batch;
        w->n_flying++;
        r = send(w, batch);
        if (r > 0) {
                batch_busy(w, batch, "the database is away");
                unlink_flying(w, batch);
                r = 0;
        }
        return r;
}

static bool batch_is_full(const struct writer *w, const struct request *next)
{
        const struct batch *batch = w->filling;
        unsigned limit = w->batcher->config.batch_events;

        return batch_events(batch) >= limit || batch->bytes >= BATCH_BYTES ||
               (next && batch->first && batch_events(batch) + next->n_events > limit);
}

/* Queue to filling batch. Stops at the first request that does not fit. */
static int fill(struct writer *w)
{
        struct batcher *b = w->batcher;
        int r;

        while (w->queue) {
                struct request *request = w->queue;

                if (!w->filling) {
                        r = batch_take(b, &w->filling);
                        if (r < 0)
                                return r;
                }
                if (batch_is_full(w, request))
                        return 0;
                w->queue = request->next;
                if (!w->queue)
                        w->queue_last = NULL;
                r = batch_add(w->filling, b->judge, request, &b->unique, &b->counters.events);
                if (r < 0)
                        return r;
        }
        return 0;
}

static bool is_ripe(const struct writer *w)
{
        return batch_is_full(w, w->queue) ||
               clock_us() - w->filling->opened_us >= w->batcher->config.batch_us;
}

static int timer_arm(struct writer *w)
{
        uint64_t age = clock_us() - w->filling->opened_us;
        uint64_t delay = age < w->batcher->config.batch_us ? w->batcher->config.batch_us - age : 0;
        int r;

        r = sd_event_source_set_time_relative(w->timer, delay);
        if (r < 0)
                return r;
        return sd_event_source_set_enabled(w->timer, SD_EVENT_ONESHOT);
}

/* Do what can be done now. Called after each change: a request, an answer, the timer. */
static int pump(struct writer *w)
{
        int r;

        if (must_resend(w)) {
                r = resend(w);
                if (r < 0)
                        return r;
        }
        for (;;) {
                r = fill(w);
                if (r < 0)
                        return r;
                if (!w->filling || !w->filling->first || must_resend(w) ||
                    w->n_flying >= IN_FLIGHT_MAX)
                        return 0;
                if (!is_ripe(w))
                        return timer_arm(w);
                r = dispatch(w);
                if (r < 0)
                        return r;
        }
}

static int on_timer(sd_event_source *s unused_, uint64_t usec unused_, void *userdata)
{
        return pump(userdata);
}

/* Every request is answered in time, whatever the database does. The statement is not taken back:
 * its outcome is unknown, which is what BUSY says. */
static int on_check(sd_event_source *s, uint64_t usec unused_, void *userdata)
{
        struct batcher *b = userdata;
        uint64_t now = clock_us();
        int r;

        for (unsigned i = 0; i < b->n_writers; i++) {
                struct writer *w = &b->writers[i];

                for (struct batch *batch = w->flying; batch; batch = batch->next)
                        if (!batch->ended && now - batch->opened_us > b->config.timeout_us)
                                batch_busy(w, batch, "no answer from the database in time");
                if (w->filling && w->filling->first &&
                    now - w->filling->opened_us > b->config.timeout_us) {
                        batch_busy(w, w->filling, "no answer from the database in time");
                        batch_release(b, w->filling);
                        w->filling = NULL;
                }
                while (w->queue && now - w->queue->received_us > b->config.timeout_us) {
                        struct request *request = w->queue;

                        w->queue = request->next;
                        b->bytes -= request->bytes;
                        answer_busy(b, request, "no answer from the database in time");
                }
                if (!w->queue)
                        w->queue_last = NULL;
                r = pump(w);
                if (r < 0)
                        return sd_event_exit(b->event, r);
        }
        r = sd_event_source_set_time_relative(s, CHECK_US);
        return r < 0 ? r : sd_event_source_set_enabled(s, SD_EVENT_ONESHOT);
}

int batcher_new(sd_event *event, const struct batcher_config *config,
                const struct batcher_events *events, struct batcher **ret)
{
        cleanup_(batcher_free_p) struct batcher *b = NULL;
        uint8_t salt[SALT_BYTES];
        int r;

        b = calloc(1, sizeof(*b));
        if (!b)
                return -ENOMEM;
        b->event = sd_event_ref(event);
        b->config = *config;
        b->events = *events;
        r = judge_new(&b->judge);
        if (r < 0)
                return r;
        salt_make(salt);
        memcpy(&b->unique, salt, sizeof(b->unique));
        r = sd_event_add_time_relative(event, &b->check, CLOCK_MONOTONIC, CHECK_US, 0, on_check, b);
        if (r < 0)
                return r;
        *ret = TAKE_PTR(b);
        return 0;
}

struct batcher *batcher_free(struct batcher *b)
{
        if (!b)
                return NULL;
        for (unsigned i = 0; i < b->n_writers; i++) {
                struct writer *w = &b->writers[i];

                queue_busy(w, "capad is stopping");
                while (w->flying) {
                        batch_busy(w, w->flying, "capad is stopping");
                        unlink_flying(w, w->flying);
                }
                sd_event_source_disable_unref(w->timer);
        }
        while (b->spare) {
                struct batch *batch = b->spare;

                b->spare = batch->next;
                batch_free(batch);
        }
        sd_event_source_disable_unref(b->check);
        judge_free(b->judge);
        ruleset_unref(b->rules);
        sd_event_unref(b->event);
        free(b);
        return NULL;
}

void batcher_free_p(struct batcher **b)
{
        *b = batcher_free(*b);
}

int batcher_add_writer(struct batcher *b, struct connection *c)
{
        struct writer *w = &b->writers[b->n_writers];
        int r;

        w->batcher = b;
        w->connection = c;
        r = sd_event_add_time_relative(b->event, &w->timer, CLOCK_MONOTONIC, UINT64_MAX / 2, 1,
                                       on_timer, w);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(w->timer, SD_EVENT_OFF);
        if (r < 0)
                return r;
        b->n_writers++;
        return 0;
}

void batcher_writer_state(struct batcher *b, const struct connection *c, bool ready)
{
        for (unsigned i = 0; i < b->n_writers; i++) {
                struct writer *w = &b->writers[i];

                if (w->connection != c)
                        continue;
                w->committed[0] = '\0'; /* a new session has committed nothing yet */
                if (!ready)
                        queue_busy(w, "the database is away");
        }
}

void batcher_set_rules(struct batcher *b, struct ruleset *rules)
{
        struct ruleset *old = b->rules;

        b->rules = ruleset_ref(rules);
        ruleset_unref(old);
}

void batcher_set_loaded(struct batcher *b, bool loaded)
{
        b->loaded = loaded;
}

int batcher_submit(struct batcher *b, struct request *r)
{
        struct writer *w = &b->writers[r->lane % b->n_writers];

        b->counters.requests++;
        r->next = NULL;
        if (!b->loaded || !b->rules || !connection_ready(w->connection)) {
                answer_busy(b, r,
                            b->loaded ? "the database is away" : "the rules are not loaded yet");
                return 0;
        }
        b->bytes += r->bytes;
        if (w->queue_last)
                w->queue_last->next = r;
        else
                w->queue = r;
        w->queue_last = r;
        return pump(w);
}

void batcher_drop_queue(struct batcher *b, const char *reason)
{
        for (unsigned i = 0; i < b->n_writers; i++)
                queue_busy(&b->writers[i], reason);
}

bool batcher_full(const struct batcher *b)
{
        return b->bytes >= b->config.queue_bytes;
}

bool batcher_idle(const struct batcher *b)
{
        for (unsigned i = 0; i < b->n_writers; i++)
                if (b->writers[i].queue || b->writers[i].flying ||
                    (b->writers[i].filling && b->writers[i].filling->first))
                        return false;
        return true;
}

bool batcher_ready(const struct batcher *b)
{
        for (unsigned i = 0; i < b->n_writers; i++)
                if (!connection_ready(b->writers[i].connection))
                        return false;
        return b->loaded && b->rules && b->n_writers > 0;
}

bool batcher_stuck(const struct batcher *b)
{
        uint64_t now = clock_us();

        for (unsigned i = 0; i < b->n_writers; i++) {
                const struct writer *w = &b->writers[i];

                if (connection_ready(w->connection) && w->flying &&
                    now - w->flying->sent_us > b->config.timeout_us * 2)
                        return true;
        }
        return false;
}

const struct batcher_counters *batcher_counters(const struct batcher *b)
{
        return &b->counters;
}
