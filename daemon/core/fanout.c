/* Where the events of a frame are: the elements of an adapter's lists, found on the tape. */
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

        if (e->n >= e->max) {
                e->n = e->max + 1;
                return 1;
        }
        e->items[e->n++] = node;
        return 0;
}

/* One list. False: it is not there. `alone`: nothing else is there either, so that an object in its
 * place counts as a list of itself. */
static bool list_add(const struct adapter *a, const struct list *l, const struct json_tape *t,
                     uint32_t message, bool alone, struct elements *e)
{
        bool single = l->container.n_segments + 1 == l->path->pointer.n_segments;
        uint32_t container = message;

        if (json_find(t, message, &l->container, &container) != 0)
                return false;
        switch (t->nodes[container].kind) {
        case JSON_NULL:
                return a->optional;
        case JSON_OBJECT:
                if (single && alone)
                        element_add(t, container, e);
                else if (!single)
                        json_find_each(t, message, &l->path->pointer, element_add, e);
                return !single || alone;
        case JSON_ARRAY:
                json_find_each(t, message, &l->path->pointer, element_add, e);
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

        if (e->n < 2 || e->n > e->max)
                return;
        qsort(e->items, e->n, sizeof(*e->items), node_compare);
        for (uint32_t i = 0; i < e->n; i++)
                if (n == 0 || e->items[n - 1] != e->items[i])
                        e->items[n++] = e->items[i];
        e->n = n;
}

int adapter_fan_out(const struct adapter *a, const struct json_tape *t, uint32_t message,
                    uint32_t max, struct arena *arena, uint32_t **ret, uint32_t *ret_n)
{
        struct elements e = {.max = max};
        size_t room = MIN((size_t) max, t->n_nodes * MAX(a->n_each, 1U));
        bool found = false;

        e.items = arena_array(arena, room, sizeof(*e.items));
        if (!e.items)
                return -ENOMEM;
        if (a->n_each == 0)
                e.items[e.n++] = message;
        for (unsigned i = 0; i < a->n_each; i++)
                if (list_add(a, &a->each[i], t, message, !found, &e))
                        found = true;
        if (a->n_each > 0 && !found && !a->optional)
                return ADAPTER_E_SHAPE;
        if (a->n_each > 1)
                settle(&e);
        *ret = e.items;
        *ret_n = e.n;
        return 0;
}
