/* RFC 6901 pointers, compiled once and followed on the tape; "*" stands for any element or member.
 * Following allocates nothing and does not recurse. Pure; used by rules, adapters and the client.
 */
#include <errno.h>
#include <string.h>

#include "proto/base/limits.h"
#include "proto/json/tape.h"

void json_pointer_done(struct json_pointer *p)
{
        for (unsigned i = 0; i < p->n_segments; i++)
                free(p->segments[i].name);
        free(p->segments);
        free(p->text);
        *p = (struct json_pointer){0};
}

/* The array index that a segment means, or -1: digits without a leading zero. */
static int64_t segment_index(const char *name, size_t size)
{
        int64_t v = 0;

        if (size == 0 || size > 10 || (size > 1 && name[0] == '0'))
                return -1;
        for (size_t i = 0; i < size; i++) {
                if (name[i] < '0' || name[i] > '9')
                        return -1;
                v = v * 10 + (name[i] - '0');
        }
        return v;
}

static int segment_compile(const char *text, size_t begin, size_t end, struct json_segment *ret,
                           struct problem *reterr)
{
        cleanup_(free_p) char *name = NULL;
        size_t n = 0;

        name = malloc(end - begin + 1);
        if (!name)
                return -ENOMEM;
        for (size_t i = begin; i < end; i++) {
                if (text[i] != '~') {
                        name[n++] = text[i];
                        continue;
                }
                if (i + 1 >= end || (text[i + 1] != '0' && text[i + 1] != '1')) {
                        problem_set(
                                reterr, i,
                                "\"~\" in a pointer must be followed by 0 (for ~) or 1 (for /)");
                        return JSON_E_RANGE;
                }
                name[n++] = text[++i] == '0' ? '~' : '/';
        }
        name[n] = 0;
        ret->any = end - begin == 1 && text[begin] == '*';
        ret->index = segment_index(name, n);
        ret->length = (uint32_t) n;
        ret->name = TAKE_PTR(name);
        return 0;
}

static int pointer_fill(struct json_pointer *p, const char *text, size_t size,
                        struct problem *reterr)
{
        size_t begin = 1;

        while (begin <= size) {
                const char *slash = memchr(text + begin, '/', size - begin);
                size_t end = slash ? (size_t) (slash - text) : size;
                int r;

                if (p->n_segments >= LIMIT_POINTER_SEGMENTS) {
                        problem_set(reterr, begin, "the pointer has more than %u segments",
                                    LIMIT_POINTER_SEGMENTS);
                        return JSON_E_RANGE;
                }
                r = segment_compile(text, begin, end, &p->segments[p->n_segments], reterr);
                if (r != 0)
                        return r;
                if (p->segments[p->n_segments++].any)
                        p->wild = true;
                begin = end + 1;
        }
        return 0;
}

int json_pointer_compile(const char *text, size_t size, struct json_pointer *ret,
                         struct problem *reterr)
{
        cleanup_(json_pointer_done) struct json_pointer p = {0};
        int r;

        if (size > 0 && text[0] != '/') {
                problem_set(reterr, 0, "a pointer begins with \"/\", such as /data/level");
                return JSON_E_RANGE;
        }
        p.text = strndup(text, size);
        p.segments = calloc(LIMIT_POINTER_SEGMENTS, sizeof(*p.segments));
        if (!p.text || !p.segments)
                return -ENOMEM;
        if (size > 0) {
                r = pointer_fill(&p, text, size, reterr);
                if (r != 0)
                        return r;
        }
        *ret = p;
        p = (struct json_pointer){0};
        return 0;
}

static int object_find(const struct json_tape *t, uint32_t object, const char *name, size_t size,
                       uint32_t *ret_node)
{
        uint32_t key = json_first(t, object);

        for (uint32_t i = 0; i < t->nodes[object].count; i++) {
                if (json_string_equals(t, key, name, size)) {
                        *ret_node = key + 1;
                        return 0;
                }
                key = t->nodes[key + 1].next;
        }
        return JSON_E_ABSENT;
}

static int array_find(const struct json_tape *t, uint32_t array, int64_t index, uint32_t *ret_node)
{
        uint32_t element = json_first(t, array);

        if (index < 0 || index >= t->nodes[array].count)
                return JSON_E_ABSENT;
        for (int64_t i = 0; i < index; i++)
                element = t->nodes[element].next;
        *ret_node = element;
        return 0;
}

static int segment_follow(const struct json_tape *t, uint32_t node, const struct json_segment *s,
                          uint32_t *ret_node)
{
        if (t->nodes[node].kind == JSON_OBJECT)
                return object_find(t, node, s->name, s->length, ret_node);
        if (t->nodes[node].kind == JSON_ARRAY)
                return array_find(t, node, s->index, ret_node);
        return JSON_E_ABSENT;
}

/* Where a "*" is: the values still to try. */
struct wild_level {
        unsigned segment;
        bool members;   /* of an object: step over keys */
        uint32_t child; /* next element, or next key */
        uint32_t left;
};

static bool level_enter(const struct json_tape *t, uint32_t node, unsigned segment,
                        struct wild_level *ret)
{
        const struct json_node *n = &t->nodes[node];

        if (n->kind != JSON_OBJECT && n->kind != JSON_ARRAY)
                return false;
        *ret = (struct wild_level){segment, n->kind == JSON_OBJECT, json_first(t, node), n->count};
        return true;
}

static uint32_t level_next(const struct json_tape *t, struct wild_level *l)
{
        uint32_t value = l->child + (l->members ? 1 : 0);

        l->child = t->nodes[value].next;
        l->left--;
        return value;
}

/* Follow plain segments from *segment on, until a "*", the end, or nothing is there. */
static bool plain_follow(const struct json_tape *t, const struct json_pointer *p, unsigned *segment,
                         uint32_t *node)
{
        for (; *segment < p->n_segments && !p->segments[*segment].any; (*segment)++)
                if (segment_follow(t, *node, &p->segments[*segment], node) != 0)
                        return false;
        return true;
}

int json_find_each(const struct json_tape *t, uint32_t base, const struct json_pointer *p,
                   int (*fn)(const struct json_tape *t, uint32_t node, void *userdata),
                   void *userdata)
{
        struct wild_level levels[LIMIT_POINTER_SEGMENTS];
        unsigned depth = 0, segment = 0;
        uint32_t node = base;
        int r;

        for (;;) {
                if (plain_follow(t, p, &segment, &node)) {
                        if (segment == p->n_segments) {
                                r = fn(t, node, userdata);
                                if (r != 0)
                                        return r;
                        } else if (level_enter(t, node, segment, &levels[depth]))
                                depth++;
                }
                while (depth > 0 && levels[depth - 1].left == 0)
                        depth--;
                if (depth == 0)
                        return 0;
                node = level_next(t, &levels[depth - 1]);
                segment = levels[depth - 1].segment + 1;
        }
}

static int take_first(const struct json_tape *t unused_, uint32_t node, void *userdata)
{
        *(uint32_t *) userdata = node;
        return 1;
}

int json_find(const struct json_tape *t, uint32_t base, const struct json_pointer *p,
              uint32_t *ret_node)
{
        uint32_t node = base;
        unsigned segment = 0;

        if (p->wild)
                return json_find_each(t, base, p, take_first, ret_node) == 1 ? 0 : JSON_E_ABSENT;
        if (!plain_follow(t, p, &segment, &node))
                return JSON_E_ABSENT;
        *ret_node = node;
        return 0;
}

int json_member(const struct json_tape *t, uint32_t node, const char *name, uint32_t *ret_node)
{
        if (t->nodes[node].kind != JSON_OBJECT)
                return JSON_E_ABSENT;
        return object_find(t, node, name, strlen(name), ret_node);
}
