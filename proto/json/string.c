/* Reading strings and other values from the tape: comparison and decoding, on demand and never in
 * place. Relies on json_tape_parse having checked every escape. Pure. */
#include <errno.h>
#include <string.h>

#include "proto/base/utf8.h"
#include "proto/json/scan.h"

static unsigned hex_value(char c)
{
        return c <= '9' ? (unsigned) (c - '0') : (unsigned) ((c | 0x20) - 'a') + 10;
}

uint32_t string_hex4(const char *p)
{
        return hex_value(p[0]) << 12 | hex_value(p[1]) << 8 | hex_value(p[2]) << 4 |
               hex_value(p[3]);
}

/* Decode one escape at p (on the backslash); returns the number of text bytes it took. */
static unsigned escape_decode(const char *p, unsigned char ret[4], unsigned *ret_size)
{
        static const char PLAIN[128] = {['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
                                        ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t'};
        uint32_t v;

        if (p[1] != 'u') {
                ret[0] = (unsigned char) PLAIN[p[1] & 127];
                *ret_size = 1;
                return 2;
        }
        v = string_hex4(p + 2);
        if (v < 0xD800 || v > 0xDBFF) {
                *ret_size = utf8_encode(v, ret);
                return 6;
        }
        v = 0x10000 + ((v - 0xD800) << 10) + (string_hex4(p + 8) - 0xDC00);
        *ret_size = utf8_encode(v, ret);
        return 12;
}

void string_cursor_init(struct string_cursor *c, const char *text, size_t size)
{
        *c = (struct string_cursor){.p = text, .end = text + size};
}

int string_cursor_next(struct string_cursor *c)
{
        if (c->at < c->size)
                return c->character[c->at++];
        if (c->p >= c->end)
                return -1;
        if (*c->p != '\\')
                return (unsigned char) *c->p++;
        c->p += escape_decode(c->p, c->character, &c->size);
        c->at = 1;
        return c->character[0];
}

bool json_string_equals(const struct json_tape *t, uint32_t node, const char *s, size_t size)
{
        const struct json_node *n = &t->nodes[node];
        struct string_cursor c;

        if (n->kind != JSON_STRING || n->length < size)
                return false;
        if (!n->escaped)
                return n->length == size &&
                       (size == 0 || memcmp(t->text + n->offset, s, size) == 0);
        string_cursor_init(&c, t->text + n->offset, n->length);
        for (size_t i = 0; i < size; i++)
                if (string_cursor_next(&c) != (unsigned char) s[i])
                        return false;
        return string_cursor_next(&c) < 0;
}

void json_string_decode(const struct json_tape *t, uint32_t node, struct buffer *b)
{
        const struct json_node *n = &t->nodes[node];
        const char *p = t->text + n->offset, *end = p + n->length;

        while (p < end) {
                const char *stop = n->escaped ? memchr(p, '\\', (size_t) (end - p)) : NULL;
                unsigned char character[4];
                unsigned size;

                if (!stop)
                        stop = end;
                buffer_add(b, p, (size_t) (stop - p));
                p = stop;
                if (p >= end)
                        break;
                p += escape_decode(p, character, &size);
                buffer_add(b, character, size);
        }
}

void json_string_advance(const struct json_tape *t, uint32_t node, struct json_place *place,
                         size_t decoded)
{
        const struct json_node *n = &t->nodes[node];
        const char *p = t->text + place->raw, *end = t->text + n->offset + n->length;

        while (p < end && place->decoded < decoded) {
                unsigned char character[4];
                unsigned size = 1;

                p += *p == '\\' ? escape_decode(p, character, &size) : 1;
                place->decoded += size;
        }
        place->raw = (size_t) (p - t->text);
}

int json_string_dup(const struct json_tape *t, uint32_t node, char **ret)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        char *s;

        if (t->nodes[node].kind != JSON_STRING)
                return JSON_E_TYPE;
        json_string_decode(t, node, &b);
        s = buffer_take(&b);
        if (!s)
                return -ENOMEM;
        *ret = s;
        return 0;
}

int json_int64(const struct json_tape *t, uint32_t node, int64_t *ret)
{
        const struct json_node *n = &t->nodes[node];
        const char *p = t->text + n->offset, *end = p + n->length;
        bool negative = false;
        int64_t v = 0;

        if (n->kind != JSON_NUMBER)
                return JSON_E_TYPE;
        if (*p == '-') {
                negative = true;
                p++;
        }
        for (; p < end; p++) {
                if (*p < '0' || *p > '9')
                        return JSON_E_TYPE;
                if (__builtin_mul_overflow(v, 10, &v) ||
                    __builtin_sub_overflow(v, *p - '0', &v)) /* negative: INT64_MIN fits */
                        return JSON_E_RANGE;
        }
        if (!negative && __builtin_sub_overflow(0, v, &v))
                return JSON_E_RANGE;
        *ret = v;
        return 0;
}

void json_slice(const struct json_tape *t, uint32_t node, const char **ret_text, size_t *ret_size)
{
        const struct json_node *n = &t->nodes[node];
        unsigned quote = n->kind == JSON_STRING ? 1 : 0;

        *ret_text = t->text + n->offset - quote;
        *ret_size = n->length + 2UL * quote;
}
