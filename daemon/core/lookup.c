/* Finds the values of an event by an adapter's mappings: takes what is at the place, and leads it
 * through the steps json, capture, as, map. */
#include <errno.h>
#include <string.h>

#include "daemon/core/mapping.h"
#include "daemon/core/moment.h"
#include "proto/base/limits.h"
#include "proto/base/utf8.h"

#define NO_CASE UINT32_MAX

struct lookup { /* of one alternative */
        const struct alternative *alternative;
        struct scene *scene;
        enum wanted wanted;
        bool mapped;   /* a value came as far as the map */
        unsigned best; /* the first case that a value has met */
        bool found;
        struct value value;
        int error;
};

static bool is_number(const struct text *t)
{
        cleanup_(json_tape_done) struct json_tape tape = JSON_TAPE_NULL;

        return t->size <= LIMIT_JSON_NUMBER &&
               json_tape_parse(&tape, t->data, t->size, NULL) == 0 &&
               tape.nodes[0].kind == JSON_NUMBER && tape.nodes[0].length == t->size;
}

static bool capture(const struct alternative *a, struct value *value)
{
        regmatch_t groups[2];

        if (value->kind != JSON_STRING || !pattern_matches(a->capture, &value->text, groups, 2) ||
            groups[1].rm_so < 0)
                return false;
        value->text.data += groups[1].rm_so;
        value->text.size = (size_t) (groups[1].rm_eo - groups[1].rm_so);
        value->node = NODE_NONE;
        return true;
}

/* A text that came as a list of its bytes, because it is not UTF-8: what is no character becomes
 * "?". False: the list is another one. */
static bool bytes_of_list(const struct json_tape *t, uint32_t node, struct buffer *b)
{
        uint32_t c = json_first(t, node);

        if (t->nodes[node].count == 0 || t->nodes[node].count > LIMIT_MAPPED_TEXT)
                return false;
        for (uint32_t i = 0; i < t->nodes[node].count; i++, c = t->nodes[c].next) {
                int64_t byte;

                if (t->nodes[c].kind != JSON_NUMBER || json_int64(t, c, &byte) != 0 || byte < 0 ||
                    byte > 255)
                        return false;
                buffer_add_char(b, (char) byte);
        }
        for (size_t i = 0; b->data && i < b->size;) {
                unsigned n = utf8_character((const unsigned char *) b->data + i, b->size - i);

                if (n == 0 || b->data[i] == '\0')
                        b->data[i] = '?';
                i += MAX(n, 1U);
        }
        return true;
}

static bool as_text(struct lookup *l, struct value *value)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;

        if (value->kind == JSON_NUMBER || value->kind == JSON_TRUE || value->kind == JSON_FALSE)
                value->kind = JSON_STRING;
        if (value->kind != JSON_ARRAY || value->node == NODE_NONE)
                return value->kind == JSON_STRING;
        if (!bytes_of_list(l->scene->element.tape, value->node, &b))
                return false;
        value->kind = JSON_STRING;
        value->node = NODE_NONE;
        if (buffer_status(&b) < 0 ||
            arena_text(l->scene->part_arena, b.data, b.size, &value->text) < 0)
                l->error = -ENOMEM;
        return l->error == 0;
}

static bool convert(struct lookup *l, struct value *value)
{
        switch (l->alternative->as) {
        case CONVERSION_TEXT:
                return as_text(l, value);
        case CONVERSION_NUMBER:
                if (value->kind != JSON_STRING)
                        return value->kind == JSON_NUMBER;
                value->kind = JSON_NUMBER;
                value->node = NODE_NONE;
                return is_number(&value->text);
        case CONVERSION_NONE:
        default:
                return true;
        }
}

static unsigned find_case(const struct lookup *l, const struct value *value)
{
        for (unsigned i = 0; i < l->alternative->n_cases; i++)
                if (tests_of_value(&l->alternative->cases[i].tests, l->scene->element.tape,
                                   value) == TRUTH_YES)
                        return i;
        return NO_CASE;
}

static bool is_wanted(enum wanted wanted, const struct value *v)
{
        if (v->kind == JSON_NULL || (v->kind == JSON_STRING && v->text.size == 0))
                return false;
        if (wanted == WANTED_MOMENT || wanted == WANTED_DATE)
                return moment_of(v, wanted == WANTED_DATE) > 0;
        return wanted == WANTED_ANY || (v->kind != JSON_ARRAY && v->kind != JSON_OBJECT);
}

/* One value of the place. True: no other can be better. */
static bool consider(struct lookup *l, struct value value)
{
        const struct alternative *a = l->alternative;
        unsigned n;

        if (a->json) {
                int r = scene_find_within(l->scene, &a->place, &value, a->json, &value);

                if (r != 0) {
                        l->error = MIN(r, 0);
                        return r < 0;
                }
        }
        if (value.kind == JSON_STRING && value.text.size > LIMIT_MAPPED_TEXT)
                return false;
        if ((a->capture && !capture(a, &value)) || (a->as && !convert(l, &value)))
                return l->error < 0;
        if (a->cases) {
                n = find_case(l, &value);
                l->best = MIN(l->best, n);
                l->mapped = true;
                return n == 0;
        }
        l->found = is_wanted(l->wanted, &value);
        l->value = value;
        return l->found;
}

static int consider_each(const struct value *value, void *userdata)
{
        struct lookup *l = userdata;
        struct value kept = *value;

        /* it is valid within this call only, and nothing else may hold a decoded text */
        if (kept.kind == JSON_STRING && kept.text.size <= LIMIT_JSON_IN_TEXT &&
            arena_text(l->scene->part_arena, value->text.data, value->text.size, &kept.text) < 0)
                l->error = -ENOMEM;
        return l->error < 0 || consider(l, kept);
}

static int render(struct lookup *l)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        struct value value = {.kind = JSON_STRING, .node = NODE_NONE};
        unsigned n_missing = 0;
        int r;

        r = template_render(&l->alternative->template, &l->scene->element, LIMIT_MAPPED_TEXT, &b,
                            &n_missing);
        if (r < 0 || n_missing > 0)
                return r;
        r = arena_text(l->scene->part_arena, b.data, b.size, &value.text);
        if (r == 0)
                consider(l, value);
        return r;
}

static int consider_place(struct lookup *l)
{
        const struct place *p = &l->alternative->place;
        struct value value;
        int r;

        if (p->path->pointer.wild) {
                r = view_each(&l->scene->element, p->path, consider_each, l);
                return MIN(r, 0);
        }
        r = place_find(p, l->scene, &value);
        if (r == 0)
                consider(l, value);
        return MIN(r, 0);
}

static int alternative_find(struct lookup *l)
{
        const struct alternative *a = l->alternative;
        const struct text *to = &a->otherwise;
        int r;

        if (a->constant.data) {
                l->value = (struct value){JSON_STRING, a->constant, NODE_NONE};
                l->found = is_wanted(l->wanted, &l->value);
                return 0;
        }
        r = a->place.path ? consider_place(l) : a->template.n_pieces > 0 ? render(l) : 0;
        if (r < 0 || l->error < 0)
                return r < 0 ? r : l->error;
        if (!l->mapped)
                return 0;
        if (l->best != NO_CASE)
                to = &a->cases[l->best].to;
        if (to->data) {
                l->value = (struct value){JSON_STRING, *to, NODE_NONE};
                l->found = is_wanted(l->wanted, &l->value);
        }
        return 0;
}

int mapping_find(const struct mapping *m, struct scene *s, enum wanted wanted, struct mapped *ret)
{
        ret->present = false;
        for (unsigned i = 0; i < m->n; i++) {
                struct lookup l = {
                        .alternative = &m->items[i],
                        .scene = s,
                        .wanted = wanted,
                        .best = NO_CASE,
                };
                int r;

                r = alternative_find(&l);
                if (r < 0)
                        return r;
                if (l.found) {
                        *ret = (struct mapped){true, l.value};
                        return 0;
                }
        }
        return 0;
}
