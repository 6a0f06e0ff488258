/* From the database's results to the verdicts of each request (SEMANTICS section 1). The results
 * are one object an event, in the order the events were sent; requests, frames and parts are walked
 * beside them. */
#include <errno.h>
#include <string.h>

#include "daemon/app/batch.h"
#include "proto/base/limits.h"

struct reason { /* why something was refused; data NULL: nothing was */
        const char *data;
        size_t size;
        bool quoted; /* a JSON string already */
};

struct walk { /* where we are in the results */
        struct batch *batch;
        uint32_t node;       /* of the next event's result */
        int64_t event;       /* its number */
        int64_t n;           /* of results */
        unsigned shown;      /* entries of the frame's "results" so far */
        struct reason error; /* first one of the frame's parts */
        size_t frame, part;
};

/* The result of the next sent event, which must be number `event`; 1 if the results have run out.
 */
static int next_result(struct walk *w, int64_t event, uint32_t *ret_node)
{
        if (event != w->event || w->event >= w->n)
                return 1;
        *ret_node = w->node;
        w->event++;
        w->node = w->batch->tape.nodes[w->node].next;
        return 0;
}

static enum verdict status_of(const struct json_tape *t, uint32_t node)
{
        uint32_t status;

        if (json_member(t, node, "status", &status) != 0 || t->nodes[status].kind != JSON_STRING)
                return VERDICT_INVALID_NAME;
        for (int v = 0; v < VERDICT_MAX; v++)
                if (json_string_equals(t, status, verdict_name((enum verdict) v),
                                       strlen(verdict_name((enum verdict) v))))
                        return (enum verdict) v;
        return VERDICT_INVALID_NAME;
}

static void entry_begin(struct walk *w, struct buffer *out, enum verdict v)
{
        buffer_add_str(out, w->shown++ > 0 ? ",{\"status\":\"" : "{\"status\":\"");
        buffer_add_str(out, verdict_name(v));
        buffer_add_char(out, '"');
}

/* What the event did in the register: one entry for each rule that matched. */
static void add_effects(struct walk *w, struct buffer *out, uint32_t node, enum verdict v)
{
        const struct json_tape *t = &w->batch->tape;
        uint32_t list, entry;

        if (json_member(t, node, "results", &list) != 0 || t->nodes[list].kind != JSON_ARRAY)
                return;
        entry = json_first(t, list);
        for (uint32_t i = 0; i < t->nodes[list].count; i++, entry = t->nodes[entry].next) {
                const char *text;
                size_t size;

                if (w->shown >= LIMIT_RESULTS_PER_FRAME || t->nodes[entry].kind != JSON_OBJECT)
                        continue;
                json_slice(t, entry, &text, &size);
                entry_begin(w, out, v);
                if (t->nodes[entry].count > 0) {
                        buffer_add_char(out, ',');
                        buffer_add(out, text + 1, size - 1);
                } else {
                        buffer_add_char(out, '}');
                }
        }
}

static void add_reason(struct buffer *out, const struct reason *e)
{
        buffer_add_str(out, ",\"error\":");
        if (e->quoted)
                buffer_add(out, e->data, e->size);
        else
                buffer_add_json_string(out, e->data, e->size);
}

static void add_error(struct walk *w, struct buffer *out, enum verdict v, const struct reason *e)
{
        if (!w->error.data)
                w->error = *e;
        if (w->shown >= LIMIT_RESULTS_PER_FRAME)
                return;
        entry_begin(w, out, v);
        buffer_add_str(out, ",\"effect\":\"none\"");
        add_reason(out, e);
        buffer_add_char(out, '}');
}

static struct reason reason_at(const struct walk *w, size_t why)
{
        const char *text = w->batch->texts.data + why;

        return (struct reason){.data = text, .size = strlen(text)};
}

/* One part: the database's word where it was asked, ours where not. */
static int add_part(struct walk *w, struct buffer *out, const struct batch_part *p,
                    enum verdict *ret)
{
        const struct json_tape *t = &w->batch->tape;
        struct reason why = {.quoted = true};
        uint32_t node, error;

        *ret = p->verdict;
        if (p->event < 0)
                return 0; /* noise: ignored, nothing to say */
        if (next_result(w, p->event, &node) != 0)
                return 1;
        *ret = status_of(t, node);
        if (*ret == VERDICT_INVALID_NAME)
                return 1;
        if (*ret == VERDICT_IGNORED)
                return 0;
        if (json_member(t, node, "error", &error) == 0 && t->nodes[error].kind == JSON_STRING) {
                json_slice(t, error, &why.data, &why.size);
                add_error(w, out, *ret, &why);
        } else if (p->verdict != VERDICT_STORED) {
                why = reason_at(w, p->why);
                add_error(w, out, *ret, &why);
        } else {
                add_effects(w, out, node, *ret);
        }
        return 0;
}

/* The frame's status is the first that applies (SEMANTICS section 1): stored if any part is; what
 * refuses a part stands for the frame only where no part got in. */
static enum verdict frame_status(const unsigned counts[VERDICT_MAX])
{
        static const enum verdict order[] = {VERDICT_STORED,    VERDICT_CONFLICT, VERDICT_DUPLICATE,
                                             VERDICT_FORBIDDEN, VERDICT_INVALID,  VERDICT_TOO_BIG,
                                             VERDICT_IGNORED};

        for (size_t i = 0; i < ARRAY_LEN(order); i++)
                if (counts[order[i]] > 0)
                        return order[i];
        return VERDICT_IGNORED; /* an adapter that found nothing to report in the frame */
}

static void frame_begin(struct buffer *out, const struct batch_frame *f, enum verdict v,
                        const struct reason *e)
{
        buffer_add_str(out, "{\"status\":\"");
        buffer_add_str(out, verdict_name(v));
        buffer_printf(out, "\",\"events\":%u", f->n_parts);
        if (e->data && v != VERDICT_STORED && v != VERDICT_DUPLICATE && v != VERDICT_IGNORED)
                add_reason(out, e);
}

static int add_frame(struct walk *w, struct buffer *out, struct buffer *entries,
                     const struct batch_frame *f, struct batch_counters *counters)
{
        unsigned counts[VERDICT_MAX] = {0};
        enum verdict v = f->verdict;
        uint32_t node;

        w->shown = 0;
        w->error = (struct reason){0};
        buffer_clear(entries);
        if (f->verdict != VERDICT_MAX) {
                if (next_result(w, f->event, &node) != 0)
                        return 1;
                w->error = reason_at(w, f->why);
                counters->verdicts[v]++;
        }
        for (unsigned i = 0; i < f->n_parts; i++) {
                enum verdict part;

                if (add_part(w, entries, &w->batch->parts[f->first_part + i], &part) != 0)
                        return 1;
                counts[part]++;
                counters->verdicts[part]++;
        }
        if (f->verdict == VERDICT_MAX)
                v = frame_status(counts);
        frame_begin(out, f, v, &w->error);
        buffer_add_str(out, ",\"results\":[");
        if (entries->size > 0)
                buffer_add(out, entries->data, entries->size);
        buffer_add_str(out, "]}");
        return 0;
}

static int results_open(struct walk *w, const char *json, size_t size)
{
        struct json_tape *t = &w->batch->tape;
        uint32_t list;
        int r;

        r = json_tape_parse(t, json, size, NULL);
        if (r < 0)
                return r;
        if (r > 0 || json_member(t, 0, "results", &list) != 0 || t->nodes[list].kind != JSON_ARRAY)
                return 1;
        w->node = json_first(t, list);
        w->n = t->nodes[list].count;
        return w->n == (int64_t) w->batch->wire.n_rows ? 0 : 1;
}

/* The verdicts of one request into out. */
static int add_request(struct walk *w, struct buffer *out, struct buffer *entries,
                       const struct request *r, struct batch_counters *counters)
{
        int result;

        buffer_clear(out);
        buffer_add_str(out, "{\"verdicts\":[");
        for (size_t i = 0; i < r->n_events; i++) {
                if (i > 0)
                        buffer_add_char(out, ',');
                result = add_frame(w, out, entries, &w->batch->frames[w->frame++], counters);
                if (result != 0)
                        return result;
        }
        buffer_add_str(out, "]}");
        return buffer_status(out);
}

int batch_answer(struct batch *b, const char *json, size_t size, struct batch_counters *counters)
{
        cleanup_(buffer_done) struct buffer entries = BUFFER_NULL;
        struct walk w = {.batch = b};
        int r;

        if (b->wire.n_rows > 0) {
                r = results_open(&w, json ? json : "", json ? size : 0);
                if (r != 0)
                        return r;
        }
        while (b->first) {
                struct request *request = b->first;

                r = add_request(&w, &b->reply, &entries, request, counters);
                if (r != 0)
                        return r;
                b->first = request->next;
                request->reply(request, OUTCOME_ACK, b->reply.data, b->reply.size);
        }
        b->last = NULL;
        b->ended = true;
        return 0;
}
