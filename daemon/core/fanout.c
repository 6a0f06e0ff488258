/* Adapters at work on a frame's tape: finding its events, and writing the frame without what must
 * not be kept. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/adapter.h"

struct elements {
        uint32_t *items;
        uint32_t n, max;
};

static int element_add(const struct json_tape *t unused_, uint32_t node, void *userdata)
{
        struct elements *e = userdata;

        if (e->n == e->max) {
                e->n++;
                return 1;
        }
        e->items[e->n++] = node;
        return 0;
}

int adapter_fan_out(const struct adapter *a, const struct json_tape *t, uint32_t max,
                    struct arena *arena, uint32_t **ret, uint32_t *ret_n)
{
        struct elements e = {.max = max};
        uint32_t container = 0;
        bool found, single;
        int r;

        e.items = arena_array(arena, MIN((size_t) max, t->n_nodes), sizeof(*e.items));
        if (!e.items)
                return -ENOMEM;
        found = !a->each || json_find(t, 0, &a->container, &container) == 0;
        single = a->each && a->container.n_segments + 1 == a->each->pointer.n_segments;
        if (!found)
                return ADAPTER_E_SHAPE;
        if (!a->each || (single && t->nodes[container].kind == JSON_OBJECT)) {
                e.items[e.n++] = container;
        } else {
                if (t->nodes[container].kind != JSON_ARRAY)
                        return ADAPTER_E_SHAPE;
                r = json_find_each(t, 0, &a->each->pointer, element_add, &e);
                if (r < 0)
                        return r;
        }
        *ret = e.items;
        *ret_n = e.n;
        return 0;
}

struct spans { /* values to take out */
        uint32_t *nodes;
        size_t n, allocated;
        int error;
};

static void spans_done(struct spans *s)
{
        free(s->nodes);
}

static int span_add(const struct json_tape *t unused_, uint32_t node, void *userdata)
{
        struct spans *s = userdata;

        if (s->n == s->allocated) {
                size_t n = MAX((size_t) 64, 2 * s->allocated);
                uint32_t *nodes = reallocarray(s->nodes, n, sizeof(*nodes));

                if (!nodes) {
                        s->error = -ENOMEM;
                        return 1;
                }
                s->nodes = nodes;
                s->allocated = n;
        }
        s->nodes[s->n++] = node;
        return 0;
}

static int node_compare(const void *a, const void *b)
{
        const uint32_t *x = a, *y = b;

        return (*x > *y) - (*x < *y);
}

static const char *redacted_value(enum json_kind kind)
{
        switch (kind) {
        case JSON_STRING:
                return "\"[redacted]\"";
        case JSON_NUMBER:
                return "0";
        case JSON_TRUE:
        case JSON_FALSE:
                return "false";
        case JSON_ARRAY:
                return "[]";
        case JSON_OBJECT:
                return "{}";
        case JSON_NULL:
        default:
                return "null";
        }
}

static int spans_find(const struct place *p, const struct json_tape *t, const uint32_t *elements,
                      uint32_t n_elements, struct spans *s)
{
        if (p->of_document)
                json_find_each(t, 0, &p->path->pointer, span_add, s);
        for (uint32_t i = 0; !p->of_document && i < n_elements && s->error == 0; i++)
                json_find_each(t, elements[i], &p->path->pointer, span_add, s);
        return s->error;
}

int adapter_redact(const struct adapter *a, const struct json_tape *t, const uint32_t *elements,
                   uint32_t n_elements, bool *hit, struct buffer *b)
{
        cleanup_(spans_done) struct spans s = {0};
        uint32_t behind = 0;
        size_t copied = 0;

        for (unsigned i = 0; i < a->n_redact; i++) {
                size_t before = s.n;
                int r = spans_find(&a->redact[i], t, elements, n_elements, &s);

                if (r < 0)
                        return r;
                hit[i] = s.n > before;
        }
        if (s.n == 0)
                return 0;
        qsort(s.nodes, s.n, sizeof(*s.nodes), node_compare);
        for (size_t i = 0; i < s.n; i++) {
                const char *slice;
                size_t size;

                if (s.nodes[i] < behind) /* within one that is taken out already */
                        continue;
                json_slice(t, s.nodes[i], &slice, &size);
                buffer_add(b, t->text + copied, (size_t) (slice - t->text) - copied);
                buffer_add_str(b, redacted_value(t->nodes[s.nodes[i]].kind));
                copied = (size_t) (slice - t->text) + size;
                behind = t->nodes[s.nodes[i]].next;
        }
        buffer_add(b, t->text + copied, t->size - copied);
        return buffer_status(b);
}
