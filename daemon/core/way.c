/* Walks down to a node: of each container on the way, the child that holds it. */
#include "daemon/core/way.h"

static bool holds(const struct json_tape *t, uint32_t container, uint32_t node)
{
        return container < node && node < t->nodes[container].next;
}

static struct step first_step(const struct json_tape *t, uint32_t container)
{
        return (struct step){container,
                             json_first(t, container) + (t->nodes[container].kind == JSON_OBJECT)};
}

void way_find(struct way *w, const struct json_tape *t, uint32_t base, uint32_t node)
{
        while (w->depth > 0 && !holds(t, w->steps[w->depth - 1].container, node))
                w->depth--;
        if (w->depth == 0 && holds(t, base, node))
                w->steps[w->depth++] = first_step(t, base);
        while (w->depth > 0) {
                struct step *s = &w->steps[w->depth - 1];
                bool object = t->nodes[s->container].kind == JSON_OBJECT;

                if (s->child > node)
                        *s = first_step(t, s->container);
                while (t->nodes[s->child].next <= node)
                        s->child = t->nodes[s->child].next + object;
                if (s->child == node || w->depth == ARRAY_LEN(w->steps))
                        return;
                w->steps[w->depth++] = first_step(t, s->child);
        }
}

unsigned way_objects(const struct way *w, const struct json_tape *t, uint32_t ret[LIMIT_JSON_DEPTH])
{
        unsigned n = 0;

        for (unsigned i = w->depth; i > 0; i--)
                if (t->nodes[w->steps[i - 1].container].kind == JSON_OBJECT)
                        ret[n++] = w->steps[i - 1].container;
        return n;
}
