/* Walks the lists, of the message and of the texts in it. */
#include "daemon/core/fanout.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int element_add(const struct json_tape *t unused_, uint32_t node, void *userdata)
{
        struct elements *e = userdata;

        if (e->n >= LIMIT_FAN_OUT) {
                e->n = LIMIT_FAN_OUT + 1;
                return 1;
        }
        e->items[e->n++] = node;
        return 0;
}

struct lists { /* being walked */
        const struct adapter *adapter;
        const struct json_tape *tape;
        const struct openings *openings;
        struct elements *elements;
};

/* One list, of the document at base. False: it is not there. `alone`: nothing else is there either,
 * so that an object in its place counts as a list of itself. */
static bool list_add(const struct lists *w, const struct list *l, uint32_t base, bool alone)
{
        bool single = l->container.n_segments + 1 == l->path->pointer.n_segments;
        uint32_t container = base;
        const struct json_tape *t = w->tape;
        struct elements *e = w->elements;

        if (json_find(t, base, &l->container, &container) != 0)
                return false;
        switch (t->nodes[container].kind) {
        case JSON_NULL:
                return w->adapter->optional;
        case JSON_OBJECT:
                if (single && alone)
                        element_add(t, container, e);
                else if (!single)
                        json_find_each(t, base, &l->path->pointer, element_add, e);
                return !single || alone;
        case JSON_ARRAY:
                json_find_each(t, base, &l->path->pointer, element_add, e);
                return true;
        default:
                return false;
        }
}

static int node_compare(const void *a, const void *b)
{
        const uint32_t *x = a, *y = b;

        return (*x > *y) - (*x < *y);
}

/* In the order of the frame, each once, though two lists may name it. */
static void settle(struct elements *e)
{
        uint32_t n = 0;

        if (e->n < 2 || e->n > LIMIT_FAN_OUT)
                return;
        qsort(e->items, e->n, sizeof(*e->items), node_compare);
        for (uint32_t i = 0; i < e->n; i++)
                if (n == 0 || e->items[n - 1] != e->items[i])
                        e->items[n++] = e->items[i];
        e->n = n;
}

/* A list that is in texts of the document. False: none of them holds it; *held gets a bit for each
 * that does. */
static bool texts_add(const struct lists *w, uint32_t document, unsigned list, bool alone,
                      unsigned *held)
{
        const struct openings *o = w->openings;
        bool found = false;

        for (unsigned i = 0; i < o->n; i++) {
                const struct opening *text = &o->items[i];

                if (!(text->lists & 1U << list) || text->text < document ||
                    text->text >= w->tape->nodes[document].next ||
                    !list_add(w, &w->adapter->each[list], text->root, alone))
                        continue;
                *held |= 1U << i;
                found = true;
        }
        return found;
}

/* All lists of one document. False: it has none. */
static bool document_add(const struct lists *w, uint32_t document, unsigned *held)
{
        const struct adapter *a = w->adapter;
        bool found = false;

        for (unsigned i = 0; i < a->n_each; i++)
                if (a->each[i].text ? texts_add(w, document, i, !found, held)
                                    : list_add(w, &a->each[i], document, !found))
                        found = true;
        if (a->n_each == 0)
                element_add(w->tape, document, w->elements);
        return found || a->n_each == 0;
}

int fan_out(const struct adapter *a, const struct json_tape *t, const struct openings *o,
            uint32_t message, struct arena *arena, struct elements *ret)
{
        size_t room = MIN((size_t) LIMIT_FAN_OUT, t->n_nodes * MAX(a->n_each, 1U));
        struct elements e = {.n = 0};
        const struct lists w = {a, t, o, &e};
        bool found = true;
        unsigned held = 0;

        e.items = arena_array(arena, room, sizeof(*e.items));
        if (!e.items)
                return -ENOMEM;
        for (uint32_t d = json_first_document(t, message); d < t->nodes[message].next;
             d = t->nodes[d].next)
                found = document_add(&w, d, &held) && found;
        if (!a->optional && (!found || o->unreadable || held != (1U << o->n) - 1))
                return FAN_OUT_E_SHAPE;
        if (a->n_each > 1)
                settle(&e);
        *ret = e;
        return 0;
}
