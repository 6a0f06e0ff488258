/* Delays are relative, as the register gives them, so no clock of ours has to agree with the
 * database's. It is asked at least every SAFETY_US: that is also how the register knows that
 * somebody was there to hear (sql/functions/present.sql takes a minute without a tick for an
 * absence). */
#include <errno.h>
#include <string.h>

#include "daemon/app/clock.h"
#include "daemon/app/ticker.h"

#define SAFETY_US (15U * 1000U * 1000U)
#define FAILED_US (1000U * 1000U)

static void run(struct ticker *t);

static void plan(struct ticker *t, uint64_t delay_us)
{
        t->due_us = clock_us() + delay_us;
        (void) sd_event_source_set_time_relative(t->timer, delay_us);
        (void) sd_event_source_set_enabled(t->timer, SD_EVENT_ONESHOT);
}

static uint64_t next_us(struct ticker *t, const struct answer *a, bool *ret_more,
                        uint32_t *ret_missed)
{
        size_t size = 0;
        const char *json = answer_value(a, 0, 0, &size);
        int64_t ms = -1;
        uint32_t node;

        *ret_more = false;
        *ret_missed = 0;
        if (!json || json_tape_parse(&t->tape, json, size, NULL) != 0)
                return SAFETY_US;
        if (json_member(&t->tape, 0, "expectations", &node) == 0)
                *ret_missed = node;
        if (json_member(&t->tape, 0, "more", &node) == 0)
                *ret_more = t->tape.nodes[node].kind == JSON_TRUE;
        if (json_member(&t->tape, 0, "next_ms", &node) != 0 ||
            json_int64(&t->tape, node, &ms) != 0 || ms < 0)
                return ms < -1 ? 0 : SAFETY_US;
        return MIN((uint64_t) ms * 1000U, (uint64_t) SAFETY_US);
}

static void on_tick(const struct answer *a, void *userdata)
{
        struct ticker *t = userdata;
        uint32_t missed;
        uint64_t delay;
        bool more;

        t->running = false;
        if (a->kind != ANSWER_ROWS) {
                /* A lost connection tells of itself, and ticks begin again with it; but a full disk
                 * or a statement that took too long leaves it standing. */
                if (a->kind != ANSWER_AGAIN && strcmp(a->sqlstate, "08006") != 0)
                        t->on_failed(a->message, t->userdata);
                plan(t, a->kind == ANSWER_AGAIN ? 0 : FAILED_US);
                return;
        }
        t->ticks++;
        delay = next_us(t, a, &more, &missed);
        if (missed > 0)
                t->on_missed(&t->tape, missed, t->userdata);
        if (more || t->again)
                delay = 0;
        t->again = false;
        ticker_within(t, delay); /* a hint that came meanwhile may be earlier */
}

static void run(struct ticker *t)
{
        if (t->running) {
                t->again = true;
                return;
        }
        t->running = connection_send(t->connection, "tick", NULL, 0, on_tick, t) == 0;
}

static int on_timer(sd_event_source *s unused_, uint64_t usec unused_, void *userdata)
{
        run(userdata);
        return 0;
}

int ticker_start(struct ticker *t, sd_event *event, struct connection *c)
{
        int r;

        t->connection = c;
        r = sd_event_add_time_relative(event, &t->timer, CLOCK_MONOTONIC, UINT64_MAX / 2, 1,
                                       on_timer, t);
        if (r < 0)
                return r;
        return sd_event_source_set_enabled(t->timer, SD_EVENT_OFF);
}

void ticker_done(struct ticker *t)
{
        t->timer = sd_event_source_disable_unref(t->timer);
        json_tape_done(&t->tape);
}

void ticker_within(struct ticker *t, uint64_t delay_us)
{
        int enabled;

        if (t->running) { /* its answer could overwrite ours: look again right after it */
                t->again = t->again || delay_us == 0;
                if (delay_us == 0)
                        return;
        }
        if (sd_event_source_get_enabled(t->timer, &enabled) >= 0 && enabled != SD_EVENT_OFF &&
            t->due_us <= clock_us() + delay_us)
                return;
        plan(t, delay_us);
}

void ticker_hint(struct ticker *t, const char *milliseconds)
{
        char *end;
        long long ms = strtoll(milliseconds, &end, 10);

        if (end == milliseconds)
                return;
        ticker_within(t, ms <= 0 ? 0 : MIN((uint64_t) ms * 1000U, (uint64_t) SAFETY_US));
}
