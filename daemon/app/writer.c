/* Filling, sending, and what an answer means for a batch.
 *
 * Order across failures: a batch names the one before it, and the database does nothing with one
 * whose predecessor did not commit (sql/queries/ingest.sql), so those behind a failed one come back
 * empty and are sent again behind it. New batches wait until the list is clean. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/app/clock.h"
#include "daemon/app/writer.h"

#define IN_FLIGHT_MAX 2U
#define ATTEMPTS_MAX  10U
/* Bytes after which a batch goes whatever its number of events: one PUT's worth. */
#define BATCH_BYTES (16UL * 1024 * 1024)

void batcher_busy(struct batcher *b, struct request *r, const char *reason)
{
        char body[128];
        int n;

        n = snprintf(body, sizeof(body), "{\"retry_after_ms\":%u,\"reason\":\"%s\"}",
                     b->config.retry_ms, reason);
        b->counters.busy++;
        r->reply(r, OUTCOME_BUSY, body, (size_t) n);
}

void writer_batch_busy(struct writer *w, struct batch *batch, const char *reason)
{
        struct batcher *b = w->batcher;

        b->bytes -= batch->ended ? 0 : batch->bytes;
        for (struct request *r = batch->first, *next; r; r = next) {
                next = r->next;
                batcher_busy(b, r, reason);
        }
        batch->first = batch->last = NULL;
        batch->ended = true;
}

void batcher_release(struct batcher *b, struct batch *batch)
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

void writer_queue_busy(struct writer *w, const char *reason)
{
        while (w->queue) {
                struct request *r = w->queue;

                w->queue = r->next;
                w->batcher->bytes -= r->bytes;
                batcher_busy(w->batcher, r, reason);
        }
        w->queue_last = NULL;
        if (w->filling) {
                writer_batch_busy(w, w->filling, reason);
                batcher_release(w->batcher, w->filling);
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

void writer_unlink(struct writer *w, struct batch *batch)
{
        struct batch **at = &w->flying;

        while (*at && *at != batch)
                at = &(*at)->next;
        if (!*at)
                return; /* not in the list: nothing to do */
        *at = batch->next;
        w->n_flying--;
        batcher_release(w->batcher, batch);
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
        writer_unlink(w, batch);
}

/* Nothing of it was done, or nobody knows: the senders have it. */
static void give_back(struct writer *w, struct batch *batch, const char *reason)
{
        writer_batch_busy(w, batch, reason);
        writer_unlink(w, batch);
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
                give_back(w, batch, "the database is away");
                return;
        }
        batch->attempts++;
        batch->again = batch->attempts < ATTEMPTS_MAX;
        if (a->kind == ANSWER_AGAIN)
                b->counters.retries++;
        else if (a->kind == ANSWER_REFUSED && strcmp(a->sqlstate, "CA005") == 0) {
                give_back(w, batch, "the rules are not loaded yet");
                b->loaded = false;
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
                        writer_unlink(w, batch);
                return;
        }
        b->events.on_broken(a->sqlstate, a->message, b->events.userdata);
        if (a->kind == ANSWER_AGAIN) { /* of the moment: the sender may have more luck */
                give_back(w, batch, "other writers keep changing the same nonconformities");
                return;
        }
        batch_fail(w, batch, "internal",
                   "the register could not take this request; the daemon's log says why. Nothing "
                   "of it is stored");
        writer_unlink(w, batch);
}

static void on_answer(const struct answer *a, void *userdata)
{
        struct batch *batch = userdata;
        struct writer *w = batch->writer;
        int r;

        w->n_outstanding--;
        settle(w, batch, a);
        w->now = w->n_flying == 0;
        r = writer_pump(w);
        w->now = false;
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
                        give_back(w, batch, "the database is away");
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
                batcher_release(b, batch);
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
                give_back(w, batch, "the database is away");
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
        return w->now || batch_is_full(w, w->queue) ||
               clock_us() - w->filling->opened_us >= w->batcher->config.batch_us;
}

/* With nothing on its way there is nothing to wait for but what this turn of the loop still reads.
 * A timer that was set while something was must not hold that up. */
static int timer_arm(struct writer *w)
{
        uint64_t now = clock_us(), limit = w->batcher->config.batch_us;
        uint64_t due = w->n_flying == 0 ? now : MAX(now, w->filling->opened_us + limit);
        int r;

        if (w->timer_us != 0 && w->timer_us <= due)
                return 0;
        w->timer_us = due;
        r = sd_event_source_set_time_relative(w->timer, due - now);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(w->timer, SD_EVENT_ONESHOT);
        return MIN(r, 0);
}

/* Do what can be done now. Called after each change: a request, an answer, the timer. */
int writer_pump(struct writer *w)
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
                w->now = false;
        }
}

int writer_on_timer(sd_event_source *s unused_, uint64_t usec unused_, void *userdata)
{
        struct writer *w = userdata;
        int r;

        w->timer_us = 0;
        w->now = true;
        r = writer_pump(w);
        w->now = false;
        return r < 0 ? sd_event_exit(w->batcher->event, r) : 0;
}
