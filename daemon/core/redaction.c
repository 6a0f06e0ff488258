/* Finds what is to be redacted, as spans of the frame, and writes the frame without it. */
#include "daemon/core/redaction.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/fanout.h"
#include "proto/base/utf8.h"

#define REPLACEMENT "[redacted]"
#define NO_ELEMENT  UINT32_MAX
#define ITEM_OPENED                                                                                \
        UINT32_MAX /* no redaction: the text was opened, and something taken out of it */

static int read_path(struct reader *r, uint32_t node, void *target)
{
        struct redaction *item = target;

        item->place.origin = ORIGIN_ELEMENT;
        return reader_path(r, node, &item->place.path);
}

static int read_document(struct reader *r, uint32_t node, void *target)
{
        struct redaction *item = target;
        int k;

        k = reader_path(r, node, &item->place.path);
        item->place.origin = ORIGIN_DOCUMENT;
        return k;
}

static int read_envelope(struct reader *r, uint32_t node, void *target)
{
        struct redaction *item = target;
        int k;

        k = reader_path(r, node, &item->place.path);
        item->place.origin = ORIGIN_ENVELOPE;
        return k;
}

static int read_anywhere(struct reader *r, uint32_t node, void *target)
{
        struct redaction *item = target;
        int k;

        k = reader_text(r, node, 256, &item->anywhere);
        if (k == 0 && item->anywhere.data && item->anywhere.data[0] == '/')
                reader_complain(r, node,
                                "\"anywhere\" is the name of a member, not a path; a path is "
                                "written as \"path\" or \"document\"");
        return k;
}

static int read_pattern(struct reader *r, uint32_t node, void *target)
{
        struct redaction *item = target;

        return pattern_read(r, node, false, 0, &item->pattern);
}

/* A part of a text is named by where, a number sign and the expression. */
static int name_item(struct reader *r, uint32_t node, struct redaction *item)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        struct text name;
        uint32_t re;
        int k;

        if (item->place.path)
                buffer_add_str(&b, item->place.path->pointer.text);
        else if (item->anywhere.data)
                buffer_printf(&b, "anywhere/%s", item->anywhere.data);
        if (item->pattern && json_member(&r->tape, node, "re", &re) == 0) {
                buffer_add_char(&b, '#');
                json_string_decode(&r->tape, re, &b);
        }
        if (buffer_status(&b) < 0)
                return -ENOMEM;
        k = arena_text(r->arena, b.data, b.size, &name);
        item->text = name.data;
        return k;
}

static int item_read(struct reader *r, uint32_t node, void *target)
{
        static const struct member MEMBERS[] = {
                {"path", read_path, false},         {"document", read_document, false},
                {"envelope", read_envelope, false}, {"anywhere", read_anywhere, false},
                {"re", read_pattern, false},
        };
        struct redactions *list = target;
        struct redaction *item = &list->items[list->n];
        unsigned before = r->complaints->n, ways = 0;
        uint32_t found;
        int k;

        if (r->tape.nodes[node].kind != JSON_OBJECT) {
                k = read_path(r, node, item);
        } else {
                k = reader_object(r, node, "a redaction", MEMBERS, ARRAY_LEN(MEMBERS), item);
                for (unsigned i = 0; i < 4; i++)
                        ways += json_member(&r->tape, node, MEMBERS[i].name, &found) == 0;
                if (ways != 1)
                        reader_complain(r, node,
                                        "a redaction is a path, or an object with exactly one of "
                                        "\"path\", \"document\", \"envelope\", \"anywhere\"");
        }
        if (k == 0)
                k = name_item(r, node, item);
        if (k == 0 && r->complaints->n == before)
                list->n++;
        return k;
}

int redactions_read(struct reader *r, uint32_t node, struct redactions *ret)
{
        ret->items = arena_array(r->arena, reader_length(r, node), sizeof(*ret->items));
        if (!ret->items)
                return -ENOMEM;
        return reader_list(r, node, item_read, ret);
}

struct span { /* a value, and what is to be taken out of it */
        uint32_t node;
        unsigned item; /* index of the redaction */
};

struct spans {
        const struct redactions *list;
        const struct message *message;
        const struct json_tape *tape; /* of the message */
        uint32_t *around;             /* of each element the one that holds it, or NO_ELEMENT */
        struct buffer opened[OPENINGS_MAX]; /* what became of texts that were opened */
        bool *hits;    /* a row of list->n for what no element holds, then one an element */
        unsigned item; /* being looked for */
        struct span *items;
        size_t n, allocated;
        int error;
};

static void spans_done(struct spans *s)
{
        free(s->items);
        for (unsigned i = 0; i < OPENINGS_MAX; i++)
                buffer_done(&s->opened[i]);
}

static int span_add(const struct json_tape *t unused_, uint32_t node, void *userdata)
{
        struct spans *s = userdata;

        if (s->n == s->allocated) {
                size_t n = MAX((size_t) 64, 2 * s->allocated);
                struct span *items = reallocarray(s->items, n, sizeof(*items));

                if (!items) {
                        s->error = -ENOMEM;
                        return 1;
                }
                s->items = items;
                s->allocated = n;
        }
        s->items[s->n++] = (struct span){node, s->item};
        return 0;
}

static bool names_equal(const char *a, size_t size, const struct text *b)
{
        if (size != b->size)
                return false;
        for (size_t i = 0; i < size; i++) {
                char x = a[i], y = b->data[i];

                x = (char) (x >= 'A' && x <= 'Z' ? x + ('a' - 'A') : x);
                y = (char) (y >= 'A' && y <= 'Z' ? y + ('a' - 'A') : y);
                if (x != y)
                        return false;
        }
        return true;
}

static bool key_is(struct spans *s, uint32_t key, const struct text *name)
{
        const struct json_node *n = &s->tape->nodes[key];
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;

        if (!n->escaped)
                return names_equal(s->tape->text + n->offset, n->length, name);
        json_string_decode(s->tape, key, &b);
        if (buffer_status(&b) < 0)
                s->error = -ENOMEM;
        return b.data && names_equal(b.data, b.size, name);
}

static void find_anywhere(struct spans *s, const struct text *name)
{
        const struct json_tape *t = s->tape;

        for (uint32_t object = 0; object < t->n_nodes && s->error == 0; object++) {
                if (t->nodes[object].kind != JSON_OBJECT)
                        continue;
                for (uint32_t i = 0, key = json_first(t, object); i < t->nodes[object].count;
                     i++, key = t->nodes[key + 1].next)
                        if (key_is(s, key, name) && span_add(t, key + 1, s) != 0)
                                return;
        }
}

static int span_compare(const void *a, const void *b)
{
        const struct span *x = a, *y = b;

        if (x->node != y->node)
                return x->node < y->node ? -1 : 1;
        return (x->item > y->item) - (x->item < y->item);
}

static void find_in_documents(struct spans *s, const struct json_pointer *p)
{
        const struct json_tape *t = s->tape;
        uint32_t message = s->message->node;

        for (uint32_t d = json_first_document(t, message);
             d < t->nodes[message].next && s->error == 0; d = t->nodes[d].next)
                json_find_each(t, d, p, span_add, s);
}

static int find_spans(struct spans *s)
{
        const struct elements *e = s->message->elements;
        uint32_t message = s->message->node;

        for (s->item = 0; s->item < s->list->n && s->error == 0; s->item++) {
                const struct redaction *item = &s->list->items[s->item];
                const struct json_pointer *p = item->place.path ? &item->place.path->pointer : NULL;

                if (!p)
                        find_anywhere(s, &item->anywhere);
                else if (item->place.origin == ORIGIN_DOCUMENT)
                        find_in_documents(s, p);
                else if (item->place.origin == ORIGIN_ENVELOPE && message != 0)
                        json_find_each(s->tape, 0, p, span_add, s);
                else if (item->place.origin == ORIGIN_ELEMENT)
                        for (uint32_t i = 0; i < e->n && s->error == 0; i++)
                                json_find_each(s->tape, e->items[i], p, span_add, s);
        }
        return s->error;
}

/* The element itself, or the nearest around it, that holds the node. */
static uint32_t element_of(const struct spans *s, uint32_t element, uint32_t node)
{
        while (element != NO_ELEMENT &&
               s->tape->nodes[s->message->elements->items[element]].next <= node)
                element = s->around[element];
        return element;
}

/* Elements of one list may hold those of another. */
static void find_around(struct spans *s)
{
        const struct elements *e = s->message->elements;

        for (uint32_t i = 0; i < e->n; i++)
                s->around[i] = i == 0 ? NO_ELEMENT : element_of(s, i - 1, e->items[i]);
}

/* Something was taken out of the node: tell whose it was. */
static void mark(struct spans *s, uint32_t node, unsigned item)
{
        const uint32_t *elements = s->message->elements->items;
        uint32_t low = 0, high = s->message->elements->n, e;

        while (low < high) {
                uint32_t middle = low + (high - low) / 2;

                if (elements[middle] <= node)
                        low = middle + 1;
                else
                        high = middle;
        }
        e = element_of(s, low > 0 ? low - 1 : NO_ELEMENT, node);
        if (e == NO_ELEMENT)
                s->hits[item] = true;
        for (; e != NO_ELEMENT; e = s->around[e])
                s->hits[(size_t) (e + 1) * s->list->n + item] = true;
}

static const char *replacement(enum json_kind kind)
{
        switch (kind) {
        case JSON_STRING:
                return "\"" REPLACEMENT "\"";
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

/* Replace in the text (at most LIMIT_PATTERN_TEXT bytes, NUL-terminated) what the pattern finds,
 * again and again from behind the last find. */
static bool replace_found(struct pattern *p, struct buffer *text)
{
        cleanup_(buffer_done) struct buffer out = BUFFER_NULL;
        regmatch_t match;
        size_t at = 0;
        bool any = false;

        while (at < text->size && pattern_finds(p, text->data + at, at > 0, &match)) {
                size_t begin = at + (size_t) match.rm_so, end = at + (size_t) match.rm_eo;

                if (begin == end) { /* nothing to take; go on behind the next character */
                        end = begin + MAX(utf8_character((const unsigned char *) text->data + begin,
                                                         text->size - begin),
                                          1U);
                        end = MIN(end, text->size);
                        buffer_add(&out, text->data + at, end - at);
                } else {
                        buffer_add(&out, text->data + at, begin - at);
                        buffer_add_str(&out, REPLACEMENT);
                        any = true;
                }
                at = end;
        }
        if (!any)
                return false;
        buffer_add(&out, text->data + at, text->size - at);
        buffer_done(text);
        *text = out;
        out = BUFFER_NULL;
        return true;
}

/* What was opened in the text at the node, and changed since: what it is now. */
static const struct buffer *opened_text(const struct spans *s, uint32_t node)
{
        for (unsigned i = 0; i < s->message->openings->n; i++)
                if (s->message->openings->items[i].text == node && s->opened[i].size > 0)
                        return &s->opened[i];
        return NULL;
}

/* All that is to be taken out of one text by patterns, or was out of what was opened in it. False:
 * there is nothing. */
static bool rewrite_text(struct spans *s, size_t first, size_t n, struct buffer *b)
{
        cleanup_(buffer_done) struct buffer text = BUFFER_NULL;
        const struct buffer *opened = opened_text(s, s->items[first].node);
        bool any = opened != NULL;

        if (opened)
                buffer_add(&text, opened->data, opened->size);
        else
                json_string_decode(s->tape, s->items[first].node, &text);
        for (size_t i = first; i < first + n && text.data; i++) {
                unsigned item = s->items[i].item;
                bool found;

                if (item == ITEM_OPENED)
                        continue;
                if (text.size > LIMIT_PATTERN_TEXT) {
                        buffer_clear(&text);
                        buffer_add_str(&text, REPLACEMENT);
                        found = true;
                } else {
                        found = replace_found(s->list->items[item].pattern, &text);
                }
                if (found)
                        mark(s, s->items[first].node, item);
                any |= found;
        }
        if (buffer_status(&text) < 0)
                s->error = -ENOMEM;
        if (any)
                buffer_add_json_string(b, text.data ? text.data : "", text.size);
        return any;
}

/* The n spans of one value. False: it stays. */
static bool rewrite_value(struct spans *s, size_t first, size_t n, struct buffer *b)
{
        uint32_t node = s->items[first].node;
        bool whole = false;

        for (size_t i = first; i < first + n; i++) {
                unsigned item = s->items[i].item;

                if (item == ITEM_OPENED || s->list->items[item].pattern)
                        continue;
                mark(s, node, item);
                whole = true;
        }
        if (whole) {
                buffer_add_str(b, replacement(s->tape->nodes[node].kind));
                return true;
        }
        return s->tape->nodes[node].kind == JSON_STRING && rewrite_text(s, first, n, b);
}

struct region {              /* one document on the tape: of the frame, or of a text in it */
        uint32_t begin, end; /* nodes */
        size_t at, size;     /* its text */
};

/* Write it anew, if something is to be taken out of it. Its spans are in order. What lies within a
 * value that is taken out already is out with it. */
static void write_region(struct spans *s, const struct region *region, struct buffer *b)
{
        cleanup_(buffer_done) struct buffer value = BUFFER_NULL;
        const char *text = s->tape->text + region->at;
        const struct json_tape *t = s->tape;
        uint32_t behind = 0;
        size_t copied = 0;

        for (size_t i = 0, n = 1; i < s->n; i += n) {
                uint32_t node = s->items[i].node;
                const char *slice;
                size_t size;

                for (n = 1; i + n < s->n && s->items[i + n].node == node;)
                        n++;
                if (node < region->begin || node >= region->end)
                        continue;
                buffer_clear(&value);
                if (!rewrite_value(s, i, n, &value) || node < behind)
                        continue;
                json_slice(t, node, &slice, &size);
                buffer_add(b, text + copied, (size_t) (slice - text) - copied);
                buffer_add(b, value.data, value.size);
                copied = (size_t) (slice - text) + size;
                behind = t->nodes[node].next;
                if (buffer_status(&value) < 0)
                        s->error = -ENOMEM;
        }
        if (copied > 0)
                buffer_add(b, text + copied, region->size - copied);
}

static void sort_spans(struct spans *s)
{
        if (s->n > 1)
                qsort(s->items, s->n, sizeof(*s->items), span_compare);
}

/* The texts that were opened first: what they have become is written into the frame. */
static void write_message(struct spans *s, struct buffer *b)
{
        const struct openings *o = s->message->openings;
        struct region frame = {0, s->tape->nodes[0].next, 0, s->tape->size};

        sort_spans(s);
        for (unsigned i = 0; i < o->n; i++) {
                const struct opening *opening = &o->items[i];
                struct region region = {opening->root, s->tape->nodes[opening->root].next,
                                        opening->at, opening->size};

                write_region(s, &region, &s->opened[i]);
                if (buffer_status(&s->opened[i]) < 0)
                        s->error = -ENOMEM;
        }
        s->item = ITEM_OPENED;
        for (unsigned i = 0; i < o->n; i++)
                if (s->opened[i].size > 0)
                        (void) span_add(s->tape, o->items[i].text, s);
        sort_spans(s);
        write_region(s, &frame, b);
}

int redactions_apply(const struct redactions *list, const struct message *m, struct arena *a,
                     bool **ret_hits, struct buffer *b)
{
        cleanup_(spans_done) struct spans s = {.list = list, .message = m, .tape = m->tape};
        size_t n_rows = m->elements->n + 1U;

        s.around = arena_array(a, n_rows, sizeof(*s.around));
        s.hits = arena_array(a, n_rows * list->n, sizeof(*s.hits));
        if (!s.around || !s.hits || find_spans(&s) < 0)
                return -ENOMEM;
        find_around(&s);
        write_message(&s, b);
        if (s.error < 0 || buffer_status(b) < 0)
                return -ENOMEM;
        *ret_hits = s.hits;
        return 0;
}
