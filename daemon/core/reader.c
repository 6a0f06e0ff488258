/* The plumbing of configuration reading: complaints with places, tables of members, texts, paths.
 */
#include "daemon/core/reader.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "proto/base/problem.h"
#include "proto/base/word.h"

#define MEMBERS_MAX 64

static size_t node_offset(const struct reader *r, uint32_t node)
{
        const struct json_node *n = &r->tape.nodes[node];

        return n->kind == JSON_STRING && n->offset > 0 ? n->offset - 1 : n->offset;
}

void reader_complain(const struct reader *r, uint32_t node, const char *format, ...)
{
        char text[PROBLEM_TEXT_MAX];
        struct problem p;
        va_list args;

        va_start(args, format);
        vsnprintf(text, sizeof(text), format, args);
        va_end(args);
        problem_set(&p, node_offset(r, node), "%s", text);
        complain(r->complaints, r->path, r->tape.text, r->tape.size, &p);
}

void reader_complain_within(const struct reader *r, uint32_t node, const struct problem *p)
{
        const struct json_node *n = &r->tape.nodes[node];
        struct problem placed = *p;

        placed.offset = n->kind == JSON_STRING && !n->escaped ? n->offset + p->offset
                                                              : node_offset(r, node);
        complain(r->complaints, r->path, r->tape.text, r->tape.size, &placed);
}

static void complain_unknown(struct reader *r, uint32_t key, const char *what,
                             const struct member *members, size_t n_members)
{
        const struct json_node *n = &r->tape.nodes[key];
        const char *text = r->tape.text + n->offset;
        const char *names[MEMBERS_MAX];
        const char *near;

        for (size_t i = 0; i < n_members; i++)
                names[i] = members[i].name;
        near = word_nearest(text, n->length, names, n_members);
        if (near)
                reader_complain(r, key, "%s has no key \"%.*s\"; did you mean \"%s\"?", what,
                                (int) MIN(n->length, 100U), text, near);
        else
                reader_complain(r, key,
                                "%s has no key \"%.*s\"; remove it, or look the keys up in "
                                "the README beside the shipped files",
                                what, (int) MIN(n->length, 100U), text);
}

int reader_object(struct reader *r, uint32_t node, const char *what, const struct member *members,
                  size_t n_members, void *target)
{
        const struct json_node *n = &r->tape.nodes[node];
        bool seen[MEMBERS_MAX] = {0};

        if (n->kind != JSON_OBJECT) {
                reader_complain(r, node, "%s must be an object: {...}", what);
                return 0;
        }
        for (uint32_t i = 0, key = json_first(&r->tape, node); i < n->count;
             i++, key = r->tape.nodes[key + 1].next) {
                size_t m = 0;
                int k;

                while (m < n_members &&
                       !json_string_equals(&r->tape, key, members[m].name, strlen(members[m].name)))
                        m++;
                if (m == n_members) {
                        complain_unknown(r, key, what, members, n_members);
                        continue;
                }
                seen[m] = true;
                k = members[m].read ? members[m].read(r, key + 1, target) : 0;
                if (k < 0)
                        return k;
        }
        for (size_t m = 0; m < n_members; m++)
                if (members[m].required && !seen[m])
                        reader_complain(r, node, "%s needs the key \"%s\"", what, members[m].name);
        return 0;
}

int reader_list(struct reader *r, uint32_t node,
                int (*fn)(struct reader *r, uint32_t node, void *target), void *target)
{
        uint32_t count = r->tape.nodes[node].count;

        if (r->tape.nodes[node].kind != JSON_ARRAY)
                return fn(r, node, target);
        for (uint32_t i = 0, c = json_first(&r->tape, node); i < count;
             i++, c = r->tape.nodes[c].next) {
                int k = fn(r, c, target);

                if (k < 0)
                        return k;
        }
        return 0;
}

unsigned reader_length(const struct reader *r, uint32_t node)
{
        return r->tape.nodes[node].kind == JSON_ARRAY ? r->tape.nodes[node].count : 1;
}

int reader_text(struct reader *r, uint32_t node, size_t max, struct text *ret)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;

        *ret = TEXT_NULL;
        if (r->tape.nodes[node].kind != JSON_STRING) {
                reader_complain(r, node, "a text in quotes is expected here");
                return 0;
        }
        json_string_decode(&r->tape, node, &b);
        if (buffer_status(&b) < 0)
                return -ENOMEM;
        if (b.size == 0) {
                reader_complain(r, node, "the text is empty");
                return 0;
        }
        if (b.size > max) {
                reader_complain(r, node, "the text has %zu bytes; the most is %zu", b.size, max);
                return 0;
        }
        return arena_text(r->arena, b.data, b.size, ret);
}

int reader_id(struct reader *r, uint32_t node, size_t max, const char **ret)
{
        struct text id;
        int k;

        k = reader_text(r, node, max, &id);
        if (k < 0 || !id.data)
                return k;
        for (size_t i = 0; i < id.size; i++)
                if (!isalnum((unsigned char) id.data[i]) && !strchr("-_.", id.data[i])) {
                        reader_complain(r, node,
                                        "an id is made of letters, digits, \"-\", \"_\" "
                                        "and \".\"");
                        return 0;
                }
        *ret = id.data;
        return 0;
}

int reader_bool(struct reader *r, uint32_t node, bool *ret)
{
        uint8_t kind = r->tape.nodes[node].kind;

        if (kind != JSON_TRUE && kind != JSON_FALSE)
                reader_complain(r, node, "true or false is expected here");
        else
                *ret = kind == JSON_TRUE;
        return 0;
}

int reader_path(struct reader *r, uint32_t node, const struct path **ret)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        struct problem p = {0};
        int k;

        *ret = NULL;
        if (r->tape.nodes[node].kind != JSON_STRING) {
                reader_complain(r, node,
                                "a path in quotes is expected here, such as \"/data/status\"");
                return 0;
        }
        json_string_decode(&r->tape, node, &b);
        if (buffer_status(&b) < 0)
                return -ENOMEM;
        k = path_table_add(r->paths, b.data ? b.data : "", b.size, ret, &p);
        if (k < 0)
                return k;
        if (k > 0) {
                *ret = NULL;
                reader_complain_within(r, node, &p);
        }
        return 0;
}
