/* Each event is a request of its own, since each has its own adapter; nobody waits for the answers.
 * It has no request-id: what an adapter's events are known by is then a number that never repeats.
 */
#include "daemon/app/rehearsal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int rehearsal_new(struct rehearsal *r)
{
        int k;

        r->events = calloc(REHEARSAL_EVENTS, sizeof(*r->events));
        if (!r->events)
                return -ENOMEM;
        k = batch_new(&r->batch);
        return k < 0 ? k : judge_new(&r->judge);
}

void rehearsal_done(struct rehearsal *r)
{
        for (unsigned i = 0; r->events && i < REHEARSAL_EVENTS; i++) {
                buffer_done(&r->events[i].text);
                buffer_done(&r->events[i].adapter);
        }
        free(r->events);
        r->batch = batch_free(r->batch);
        r->judge = judge_free(r->judge);
        *r = (struct rehearsal){0};
}

void rehearsal_clear(struct rehearsal *r)
{
        batch_clear(r->batch);
        r->n = 0;
}

static void take(const struct json_tape *t, uint32_t object, const char *name, struct buffer *into)
{
        uint32_t node;

        if (json_member(t, object, name, &node) == 0 && t->nodes[node].kind == JSON_STRING)
                json_string_decode(t, node, into);
}

int rehearsal_add(struct rehearsal *r, const struct json_tape *t, uint32_t node)
{
        struct rehearsal_event *e = &r->events[r->n];
        bool own = t->nodes[node].kind == JSON_STRING;

        buffer_clear(&e->text);
        buffer_clear(&e->adapter);
        if (own) {
                json_string_decode(t, node, &e->text);
        } else {
                take(t, node, "adapter", &e->adapter);
                take(t, node, "body", &e->text);
        }
        if (buffer_status(&e->text) < 0 || buffer_status(&e->adapter) < 0)
                return -ENOMEM;
        e->frame = (struct frame){e->text.data ? e->text.data : "", e->text.size};
        e->request = (struct request){
                .adapter = {e->adapter.data ? e->adapter.data : "", e->adapter.size},
                .events = &e->frame,
                .n_events = 1,
                .bytes = e->frame.size,
                .own = own,
        };
        r->n++;
        return 0;
}

int rehearsal_judge(struct rehearsal *r, struct ruleset *rules, const char *peer,
                    struct batch_counters *counters)
{
        batch_clear(r->batch);
        r->batch->rules = ruleset_ref(rules);
        for (unsigned i = 0; i < r->n; i++) {
                struct request *request = &r->events[i].request;
                int k;

                request->peer = request->own ? EXPECTATION_SOURCE : peer;
                k = batch_add(r->batch, r->judge, request, &r->unique, counters);
                if (k < 0)
                        return k;
        }
        return 0;
}
