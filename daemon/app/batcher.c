/* The batcher's outside: who goes to which writer, time limits, what is counted and asked. */
#include <errno.h>
#include <string.h>

#include "daemon/app/clock.h"
#include "daemon/app/writer.h"

#define CHECK_US (100U * 1000U)

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
                                writer_batch_busy(w, batch, "no answer from the database in time");
                if (w->filling && w->filling->first &&
                    now - w->filling->opened_us > b->config.timeout_us) {
                        writer_batch_busy(w, w->filling, "no answer from the database in time");
                        batcher_release(b, w->filling);
                        w->filling = NULL;
                }
                while (w->queue && now - w->queue->received_us > b->config.timeout_us) {
                        struct request *request = w->queue;

                        w->queue = request->next;
                        b->bytes -= request->bytes;
                        batcher_busy(b, request, "no answer from the database in time");
                }
                if (!w->queue)
                        w->queue_last = NULL;
                r = writer_pump(w);
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

                writer_queue_busy(w, "capad is stopping");
                while (w->flying) {
                        writer_batch_busy(w, w->flying, "capad is stopping");
                        writer_unlink(w, w->flying);
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
                                       writer_on_timer, w);
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
                        writer_queue_busy(w, "the database is away");
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
                batcher_busy(b, r,
                             connection_ready(w->connection) ? "the rules are not loaded yet"
                                                             : "the database is away");
                return 0;
        }
        b->bytes += r->bytes;
        if (w->queue_last)
                w->queue_last->next = r;
        else
                w->queue = r;
        w->queue_last = r;
        return writer_pump(w);
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
