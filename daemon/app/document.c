/* Writing goes on behind a mistake, so that the next ones are found too; what was written then is
 * thrown away by the caller. */
#include <errno.h>
#include <string.h>

#include "daemon/app/document.h"
#include "proto/base/word.h"

static void complain_unknown(struct document *d, uint32_t key, const struct member *table, size_t n)
{
        const char *names[16], *near;
        size_t known = 0;
        const struct json_node *node = &d->tape.nodes[key];

        for (size_t i = 0; i < n && known < ARRAY_LEN(names); i++)
                if (table[i].name)
                        names[known++] = table[i].name;
        near = word_nearest(d->tape.text + node->offset, node->length, names, known);
        document_complain(d, key, "unknown key \"%.*s\"%s%s%s", (int) MIN(node->length, 64U),
                          d->tape.text + node->offset, near ? ", did you mean \"" : "",
                          near ? near : "", near ? "\"?" : "");
}

static const struct member *member_find(struct document *d, const struct member *table, size_t n,
                                        uint32_t key)
{
        for (size_t i = 0; i < n; i++)
                if (!table[i].name ||
                    json_string_equals(&d->tape, key, table[i].name, strlen(table[i].name)))
                        return &table[i];
        return NULL;
}

/* What is only checked is written elsewhere. */
static void read_unwritten(struct document *d, const struct member *m, uint32_t node)
{
        cleanup_(buffer_done) struct buffer aside = BUFFER_NULL;
        struct buffer *out = d->out;

        d->out = &aside;
        m->read(d, node);
        d->out = out;
}

static void read_member(struct document *d, const struct member *m, uint32_t key, bool *first)
{
        const struct json_node *name = &d->tape.nodes[key];

        if (!m->read)
                return;
        if (m->kind == MEMBER_CHECKED) {
                read_unwritten(d, m, key + 1);
                return;
        }
        if (!*first)
                buffer_add_char(d->out, ',');
        *first = false;
        buffer_add_char(d->out, '"');
        buffer_add(d->out, d->tape.text + name->offset, name->length);
        buffer_add_str(d->out, "\":");
        m->read(d, key + 1);
}

void document_object(struct document *d, uint32_t node, const struct member *table, size_t n)
{
        uint32_t key = json_first(&d->tape, node), ignored;
        bool first = true;

        if (d->tape.nodes[node].kind != JSON_OBJECT) {
                document_complain(d, node, "here an object {…} is expected");
                return;
        }
        for (size_t i = 0; i < n; i++)
                if (table[i].kind == MEMBER_REQUIRED &&
                    json_member(&d->tape, node, table[i].name, &ignored) != 0)
                        document_complain(d, node, "\"%s\" is missing", table[i].name);
        buffer_add_char(d->out, '{');
        for (uint32_t i = 0; i < d->tape.nodes[node].count;
             i++, key = d->tape.nodes[key + 1].next) {
                const struct member *m = member_find(d, table, n, key);

                if (m)
                        read_member(d, m, key, &first);
                else
                        complain_unknown(d, key, table, n);
        }
        buffer_add_char(d->out, '}');
}

void document_list(struct document *d, uint32_t node, member_fn read)
{
        uint32_t child = json_first(&d->tape, node);

        if (d->tape.nodes[node].kind != JSON_ARRAY) {
                document_complain(d, node, "here a list […] is expected");
                return;
        }
        buffer_add_char(d->out, '[');
        for (uint32_t i = 0; i < d->tape.nodes[node].count;
             i++, child = d->tape.nodes[child].next) {
                if (i > 0)
                        buffer_add_char(d->out, ',');
                read(d, child);
        }
        buffer_add_char(d->out, ']');
}

void document_copy(struct document *d, uint32_t node)
{
        const char *text;
        size_t size;

        json_slice(&d->tape, node, &text, &size);
        buffer_add(d->out, text, size);
}

void document_string(struct document *d, uint32_t node)
{
        if (d->tape.nodes[node].kind != JSON_STRING)
                document_complain(d, node, "here a string is expected");
        document_copy(d, node);
}

void document_bool(struct document *d, uint32_t node)
{
        if (d->tape.nodes[node].kind != JSON_TRUE && d->tape.nodes[node].kind != JSON_FALSE)
                document_complain(d, node, "here true or false is expected");
        document_copy(d, node);
}

void document_word(struct document *d, uint32_t node, const char *const *words)
{
        const char *near;
        size_t n = 0;

        for (; words[n]; n++)
                if (d->tape.nodes[node].kind == JSON_STRING &&
                    json_string_equals(&d->tape, node, words[n], strlen(words[n]))) {
                        document_copy(d, node);
                        return;
                }
        near = d->tape.nodes[node].kind == JSON_STRING
                       ? word_nearest(d->tape.text + d->tape.nodes[node].offset,
                                      d->tape.nodes[node].length, words, n)
                       : NULL;
        document_complain(d, node, "unknown value%s%s%s", near ? ", did you mean \"" : "",
                          near ? near : "", near ? "\"?" : "");
}

static bool is_day(const char *t)
{
        static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
        unsigned part[3] = {0}; /* year, month, day */
        bool leap;

        for (unsigned i = 0; i < 10; i++) {
                if (i == 4 || i == 7) {
                        if (t[i] != '-')
                                return false;
                        continue;
                }
                if (t[i] < '0' || t[i] > '9')
                        return false;
                part[i > 4 ? i > 7 ? 2 : 1 : 0] *= 10;
                part[i > 4 ? i > 7 ? 2 : 1 : 0] += (unsigned) (t[i] - '0');
        }
        leap = part[0] % 4 == 0 && (part[0] % 100 != 0 || part[0] % 400 == 0);
        return part[0] >= 1 && part[1] >= 1 && part[1] <= 12 && part[2] >= 1 &&
               part[2] <= days[part[1] - 1] + (leap && part[1] == 2 ? 1U : 0U);
}

void document_date(struct document *d, uint32_t node, const char *what)
{
        const struct json_node *n = &d->tape.nodes[node];

        if (n->kind != JSON_STRING || n->length != 10 || !is_day(d->tape.text + n->offset))
                document_complain(d, node, "%s is a date such as \"2026-12-25\"", what);
        document_copy(d, node);
}

int document_read(struct document *d, const char *text, size_t size, const struct member *table,
                  size_t n)
{
        struct problem p = {0};
        int r;

        r = json_tape_parse_config(&d->tape, text, size, &p);
        if (r > 0)
                complain(d->complaints, d->path, text, size, &p);
        if (r == 0)
                document_object(d, 0, table, n);
        return r;
}
