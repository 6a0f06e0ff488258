/* Each event is a request of its own, so that one that is refused holds up no other. */
#include "daemon/app/missed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/app/clock.h"
#include "daemon/core/judge.h"

struct missed_event {
        struct request request;
        struct missed *missed;
        struct frame frame;
        char *text;
};

static struct missed_event *missed_event_free(struct missed_event *e)
{
        if (!e)
                return NULL;
        free(e->text);
        free(e);
        return NULL;
}

static void missed_event_free_p(struct missed_event **e)
{
        *e = missed_event_free(*e);
}

static void on_reply(struct request *r, enum outcome outcome, const char *body unused_,
                     size_t size unused_)
{
        struct missed_event *e = (struct missed_event *) r;

        e->missed->n_open--;
        e->missed->sent += outcome == OUTCOME_ACK;
        missed_event_free(e);
}

static int submit(struct missed *m, const struct json_tape *t, uint32_t node)
{
        cleanup_(missed_event_free_p) struct missed_event *e = calloc(1, sizeof(*e));
        struct missed_event *taken;
        int r;

        if (!e)
                return -ENOMEM;
        r = json_string_dup(t, node, &e->text);
        if (r != 0)
                return MIN(r, 0);
        e->missed = m;
        e->frame = (struct frame){.data = e->text, .size = strlen(e->text)};
        e->request = (struct request){
                .peer = EXPECTATION_SOURCE,
                .events = &e->frame,
                .n_events = 1,
                .bytes = e->frame.size,
                .own = true,
                .received_us = clock_us(),
                .reply = on_reply,
        };
        m->n_open++;
        taken = TAKE_PTR(e);
        return batcher_submit(m->batcher, &taken->request);
}

int missed_submit(struct missed *m, const struct json_tape *t, uint32_t node)
{
        uint32_t event;

        if (m->n_open > 0 || t->nodes[node].kind != JSON_ARRAY)
                return 0;
        for (uint32_t c = json_first(t, node), i = 0; i < t->nodes[node].count;
             i++, c = t->nodes[c].next) {
                int r;

                if (json_member(t, c, "event", &event) != 0)
                        continue;
                r = submit(m, t, event);
                if (r < 0)
                        return r;
        }
        return 0;
}
