/* Compiles and keeps paths. Called while a ruleset loads; read-only afterwards. */
#include "daemon/core/path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/limits.h"

static const char *const HEADS[] = {
        [PATH_SOURCE] = "source", [PATH_ID] = "id",
        [PATH_TYPE] = "type",     [PATH_SUBJECT] = "subject",
        [PATH_TIME] = "time",     [PATH_FIRST_SEEN] = "first_seen",
        [PATH_DATA] = "data",     [PATH_DOCUMENT] = "document",
        [PATH_PARENT] = "parent", [PATH_ENVELOPE] = "envelope",
};

static void path_free(struct path *p)
{
        if (!p)
                return;
        json_pointer_done(&p->pointer);
        free(p);
}

static void path_free_p(struct path **p)
{
        path_free(*p);
}

void path_table_done(struct path_table *t)
{
        for (size_t i = 0; i < t->n_items; i++)
                path_free(t->items[i]);
        free(t->items);
        *t = PATH_TABLE_NULL;
}

const char *path_head_name(enum path_head head)
{
        return HEADS[head];
}

static enum path_head path_head_from_name(const char *name)
{
        for (unsigned i = 0; i < ARRAY_LEN(HEADS); i++)
                if (strcmp(HEADS[i], name) == 0)
                        return i;
        return PATH_FIELD;
}

static int path_compile(const char *text, size_t size, struct path **ret, struct problem *reterr)
{
        cleanup_(path_free_p) struct path *p = NULL;
        int r;

        p = calloc(1, sizeof(*p));
        if (!p)
                return -ENOMEM;
        r = json_pointer_compile(text, size, &p->pointer, reterr);
        if (r < 0)
                return r;
        if (r > 0)
                return PATH_E_INVALID;
        if (p->pointer.n_segments == 0) {
                problem_set(reterr, 0,
                            "an empty path names the whole event; name a value in it, "
                            "such as \"/data/status\"");
                return PATH_E_INVALID;
        }
        if (p->pointer.n_segments > LIMIT_POINTER_SEGMENTS) {
                problem_set(reterr, 0, "the path has %u segments; the most is %u",
                            p->pointer.n_segments, LIMIT_POINTER_SEGMENTS);
                return PATH_E_INVALID;
        }
        p->head = p->pointer.segments[0].any ? PATH_FIELD
                                             : path_head_from_name(p->pointer.segments[0].name);
        p->tail = (struct json_pointer){
                .segments = p->pointer.segments + 1,
                .n_segments = p->pointer.n_segments - 1,
                .text = p->pointer.text,
        };
        for (unsigned i = 0; i < p->tail.n_segments; i++)
                p->tail.wild |= p->tail.segments[i].any;
        *ret = TAKE_PTR(p);
        return 0;
}

int path_table_add(struct path_table *t, const char *text, size_t size, const struct path **ret,
                   struct problem *reterr)
{
        cleanup_(path_free_p) struct path *p = NULL;
        int r;

        for (size_t i = 0; i < t->n_items; i++) {
                const char *known = t->items[i]->pointer.text;

                if (strlen(known) == size && memcmp(known, text, size) == 0) {
                        *ret = t->items[i];
                        return 0;
                }
        }
        r = path_compile(text, size, &p, reterr);
        if (r != 0)
                return r;
        if (t->n_items == t->n_allocated) {
                size_t n = MAX((size_t) 16, 2 * t->n_allocated);
                struct path **items = reallocarray(t->items, n, sizeof(*items));

                if (!items)
                        return -ENOMEM;
                t->items = items;
                t->n_allocated = n;
        }
        p->number = (unsigned) t->n_items;
        *ret = p;
        t->items[t->n_items++] = TAKE_PTR(p);
        return 0;
}
