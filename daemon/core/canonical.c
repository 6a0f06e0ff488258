/* Writes canonical JSON from a tape. Depth is bounded by the tape (LIMIT_JSON_DEPTH). */
#include "daemon/core/canonical.h"

#include <stdlib.h>
#include <string.h>

struct named { /* a member: its decoded name and where its key stands */
        char *name;
        uint32_t key;
};

static int named_compare(const void *a, const void *b)
{
        const struct named *x = a, *y = b;

        return strcmp(x->name, y->name);
}

static void string_text(const struct json_tape *t, uint32_t node, struct buffer *b)
{
        cleanup_(free_p) char *s = NULL;

        if (json_string_dup(t, node, &s) != 0)
                b->broken = true;
        else
                buffer_add_json_cstr(b, s);
}

static void object_text(const struct json_tape *t, uint32_t node, struct buffer *b)
{
        uint32_t count = t->nodes[node].count;
        cleanup_(free_p) struct named *members = calloc(MAX(count, 1U), sizeof(*members));
        uint32_t n = 0;

        if (!members) {
                b->broken = true;
                return;
        }
        for (uint32_t key = json_first(t, node); n < count; key = t->nodes[key + 1].next) {
                if (json_string_dup(t, key, &members[n].name) != 0) {
                        b->broken = true;
                        break;
                }
                members[n++].key = key;
        }
        qsort(members, n, sizeof(*members), named_compare);
        buffer_add_char(b, '{');
        for (uint32_t i = 0; i < n; i++) {
                if (i > 0)
                        buffer_add_char(b, ',');
                buffer_add_json_cstr(b, members[i].name);
                buffer_add_char(b, ':');
                canonical_text(t, members[i].key + 1, b);
                free(members[i].name);
        }
        buffer_add_char(b, '}');
}

static void array_text(const struct json_tape *t, uint32_t node, struct buffer *b)
{
        buffer_add_char(b, '[');
        for (uint32_t i = 0, c = json_first(t, node); i < t->nodes[node].count;
             i++, c = t->nodes[c].next) {
                if (i > 0)
                        buffer_add_char(b, ',');
                canonical_text(t, c, b);
        }
        buffer_add_char(b, ']');
}

void canonical_text(const struct json_tape *t, uint32_t node, struct buffer *b)
{
        const struct json_node *n = &t->nodes[node];

        if (n->kind == JSON_OBJECT)
                object_text(t, node, b);
        else if (n->kind == JSON_ARRAY)
                array_text(t, node, b);
        else if (n->kind == JSON_STRING)
                string_text(t, node, b);
        else
                buffer_add(b, t->text + n->offset, n->length);
}
