/* The strict reader: one pass, an explicit stack, no memory per value. Grammar RFC 8259; what is
 * refused beyond it is what PostgreSQL's jsonb refuses or what two readers would read differently
 * (tape.h). Owns the nodes, borrows the text. Never recurses, never converts. */
#include "proto/json/tape.h"

#include <errno.h>
#include <string.h>

#include "proto/base/limits.h"
#include "proto/base/utf8.h"
#include "proto/json/scan.h"

/* Nodes kept from one text to the next, 1.25 MiB: enough for any usual event. One huge event must
 * not leave its memory in use for ever. */
enum { NODES_KEPT = 1 << 16 };

struct json_level {
        uint32_t node;        /* the open container */
        uint64_t seen;        /* object: one bit for each key's fingerprint */
        bool maybe_duplicate; /* two keys met in one bit */
};

struct json_parser {
        struct json_tape *tape;
        const char *text, *p, *end;
        bool comments;
        unsigned depth;
        struct json_level levels[LIMIT_JSON_DEPTH];
        struct problem *problem;
};

void json_tape_done(struct json_tape *t)
{
        free(t->nodes);
        *t = JSON_TAPE_NULL;
}

#define REFUSE(ps, at, ...)                                                                        \
        (problem_set((ps)->problem, (size_t) ((at) - (ps)->text), __VA_ARGS__), JSON_E_INVALID)

/* ---- blanks ---- */

static int comment_skip(struct json_parser *ps)
{
        const char *begin = ps->p, *stop;

        if (ps->end - ps->p >= 2 && ps->p[1] == '/') {
                stop = memchr(ps->p, '\n', (size_t) (ps->end - ps->p));
                ps->p = stop ? stop + 1 : ps->end;
                return 0;
        }
        if (ps->end - ps->p < 2 || ps->p[1] != '*')
                return REFUSE(ps, begin, "a lone \"/\": a comment is // or /* */");
        stop = memmem(ps->p + 2, (size_t) (ps->end - ps->p) - 2, "*/", 2);
        if (!stop)
                return REFUSE(ps, begin, "this comment is never closed: \"*/\" is missing");
        ps->p = stop + 2;
        return 0;
}

static inline int blanks_skip(struct json_parser *ps)
{
        for (;;) {
                int r;

                while (ps->p < ps->end &&
                       (*ps->p == ' ' || *ps->p == '\n' || *ps->p == '\t' || *ps->p == '\r'))
                        ps->p++;
                if (!ps->comments || ps->p >= ps->end || *ps->p != '/')
                        return 0;
                r = comment_skip(ps);
                if (r != 0)
                        return r;
        }
}

/* ---- strings ---- */

#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* Marks a byte of v that is '"', '\\', below 0x20 or not ASCII: the usual "is there a zero byte"
 * and "is there a byte below n" on eight bytes at once. Bytes behind the first marked one may be
 * marked wrongly, so only the first counts. */
static inline uint64_t word_special(uint64_t v)
{
        uint64_t quote = v ^ EACH('"'), backslash = v ^ EACH('\\');

        return ((quote - EACH(1)) | (backslash - EACH(1)) | (v - EACH(0x20)) | v) & EACH(0x80);
}

static inline const char *plain_skip(const char *p, const char *end)
{
        while (end - p >= 8) {
                uint64_t v, special;

                memcpy(&v, p, sizeof(v));
                special = word_special(v);
                if (special == 0) {
                        p += 8;
                        continue;
                }
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
                return p + (__builtin_ctzll(special) >> 3);
#else
                break;
#endif
        }
        while (p < end && (unsigned char) *p >= 0x20 && (unsigned char) *p < 0x80 && *p != '"' &&
               *p != '\\')
                p++;
        return p;
}

static bool hex4_is(const char *p, const char *end)
{
        if (end - p < 4)
                return false;
        for (int i = 0; i < 4; i++) {
                char c = p[i] | 0x20;

                if (!((p[i] >= '0' && p[i] <= '9') || (c >= 'a' && c <= 'f')))
                        return false;
        }
        return true;
}

/* ps->p is behind "\u". */
static int unicode_escape_skip(struct json_parser *ps)
{
        const char *begin = ps->p - 2;
        uint32_t v;

        if (!hex4_is(ps->p, ps->end))
                return REFUSE(ps, begin, "\"\\u\" must be followed by four hex digits");
        v = string_hex4(ps->p);
        ps->p += 4;
        if (v == 0)
                return REFUSE(ps, begin, "U+0000 in a string: no database text can hold it");
        if (v < 0xD800 || v > 0xDFFF)
                return 0;
        if (v <= 0xDBFF && ps->end - ps->p >= 2 && ps->p[0] == '\\' && ps->p[1] == 'u' &&
            hex4_is(ps->p + 2, ps->end)) {
                v = string_hex4(ps->p + 2);
                ps->p += 6;
                if (v >= 0xDC00 && v <= 0xDFFF)
                        return 0;
        }
        return REFUSE(ps, begin, "a lone surrogate: \\ud800 to \\udfff stand in pairs only");
}

static int escape_skip(struct json_parser *ps)
{
        const char *begin = ps->p++;

        if (ps->p >= ps->end)
                return REFUSE(ps, begin, "the text ends within an escape");
        switch (*ps->p++) {
        case '"':
        case '\\':
        case '/':
        case 'b':
        case 'f':
        case 'n':
        case 'r':
        case 't':
                return 0;
        case 'u':
                return unicode_escape_skip(ps);
        default:
                return REFUSE(ps, begin,
                              "unknown escape: behind \"\\\" stands one of \" \\ / b f n r t u");
        }
}

/* From the opening quote to behind the closing one; fills offset, length, escaped. */
static inline int string_scan(struct json_parser *ps, struct json_node *ret)
{
        const char *open = ps->p++, *begin = ps->p;
        int r;

        ret->escaped = false;
        for (;;) {
                unsigned n;

                ps->p = plain_skip(ps->p, ps->end);
                if (ps->p >= ps->end)
                        return REFUSE(ps, open, "this string is never closed");
                if (*ps->p == '"')
                        break;
                if (*ps->p == '\\') {
                        ret->escaped = true;
                        r = escape_skip(ps);
                        if (r != 0)
                                return r;
                        continue;
                }
                if ((unsigned char) *ps->p < 0x20)
                        return REFUSE(ps, ps->p,
                                      "control character 0x%02x in a string: write it as an escape",
                                      (unsigned char) *ps->p);
                n = utf8_character((const unsigned char *) ps->p, (size_t) (ps->end - ps->p));
                if (n == 0)
                        return REFUSE(ps, ps->p, "byte 0x%02x is not valid UTF-8",
                                      (unsigned char) *ps->p);
                ps->p += n;
        }
        ret->offset = (uint32_t) (begin - ps->text);
        ret->length = (uint32_t) (ps->p - begin);
        ps->p++;
        return 0;
}

/* ---- numbers ---- */

static inline const char *digits_skip(const char *p, const char *end)
{
        while (p < end && *p >= '0' && *p <= '9')
                p++;
        return p;
}

static int exponent_scan(struct json_parser *ps)
{
        const char *begin = ps->p++, *digits;
        int v = 0;

        if (ps->p < ps->end && (*ps->p == '+' || *ps->p == '-'))
                ps->p++;
        digits = ps->p;
        ps->p = digits_skip(ps->p, ps->end);
        if (ps->p == digits)
                return REFUSE(ps, begin, "the exponent has no digits");
        for (; digits < ps->p; digits++)
                v = MIN(v * 10 + (*digits - '0'), LIMIT_JSON_EXPONENT + 1);
        if (v > LIMIT_JSON_EXPONENT)
                return REFUSE(ps, begin, "the exponent is beyond %d", LIMIT_JSON_EXPONENT);
        return 0;
}

static inline int number_scan(struct json_parser *ps, struct json_node *ret)
{
        const char *begin = ps->p, *digits;
        int r;

        if (*ps->p == '-')
                ps->p++;
        digits = ps->p;
        ps->p = digits_skip(ps->p, ps->end);
        if (ps->p == digits)
                return REFUSE(ps, begin, "a number needs a digit here");
        if (*digits == '0' && ps->p - digits > 1)
                return REFUSE(ps, begin, "a number must not begin with 0");
        if (ps->p < ps->end && *ps->p == '.') {
                digits = ++ps->p;
                ps->p = digits_skip(ps->p, ps->end);
                if (ps->p == digits)
                        return REFUSE(ps, begin, "a number needs a digit behind the point");
        }
        if (ps->p < ps->end && (*ps->p == 'e' || *ps->p == 'E')) {
                r = exponent_scan(ps);
                if (r != 0)
                        return r;
        }
        if (ps->p - begin > (ptrdiff_t) LIMIT_JSON_NUMBER)
                return REFUSE(ps, begin, "a number of %td characters, the limit is %u",
                              ps->p - begin, LIMIT_JSON_NUMBER);
        ret->offset = (uint32_t) (begin - ps->text);
        ret->length = (uint32_t) (ps->p - begin);
        return 0;
}

/* ---- values ---- */

static int nodes_grow(struct json_tape *t, size_t n)
{
        struct json_node *nodes = realloc(t->nodes, n * sizeof(*nodes));

        if (!nodes)
                return -ENOMEM;
        t->nodes = nodes;
        t->n_allocated = n;
        return 0;
}

/* The next free node, empty but for its place; NULL without memory. */
static inline struct json_node *node_add(struct json_tape *t, enum json_kind kind)
{
        struct json_node *n;

        if (t->n_nodes == t->n_allocated &&
            nodes_grow(t, t->n_allocated > 0 ? t->n_allocated * 2 : 128) < 0)
                return NULL;
        n = &t->nodes[t->n_nodes++];
        *n = (struct json_node){.next = (uint32_t) t->n_nodes, .kind = (uint8_t) kind};
        return n;
}

static int word_scan(struct json_parser *ps, const char *word, enum json_kind kind)
{
        size_t size = strlen(word);
        struct json_node *n;

        if ((size_t) (ps->end - ps->p) < size || memcmp(ps->p, word, size) != 0)
                return REFUSE(ps, ps->p, "an unknown word: expected true, false or null");
        n = node_add(ps->tape, kind);
        if (!n)
                return -ENOMEM;
        n->offset = (uint32_t) (ps->p - ps->text);
        n->length = (uint32_t) size;
        ps->p += size;
        return 0;
}

static int value_refuse(struct json_parser *ps)
{
        unsigned char c;

        if (ps->p >= ps->end && ps->depth == 0)
                return REFUSE(ps, ps->p, "the text is empty, expected a JSON value");
        if (ps->p >= ps->end)
                return REFUSE(ps, ps->p, "the text ends where a value is expected");
        c = (unsigned char) *ps->p;
        if (ps->end - ps->p >= 3 && memcmp(ps->p, "\xEF\xBB\xBF", 3) == 0)
                return REFUSE(ps, ps->p, "a byte-order mark: send UTF-8 without it");
        if (c > 0x20 && c < 0x7f)
                return REFUSE(ps, ps->p, "\"%c\" where a value is expected", c);
        return REFUSE(ps, ps->p, "byte 0x%02x where a value is expected", c);
}

static int container_open(struct json_parser *ps, enum json_kind kind)
{
        struct json_node *n;

        if (ps->depth == LIMIT_JSON_DEPTH)
                return REFUSE(ps, ps->p, "nested deeper than %u", LIMIT_JSON_DEPTH);
        n = node_add(ps->tape, kind);
        if (!n)
                return -ENOMEM;
        n->offset = (uint32_t) (ps->p++ - ps->text);
        ps->levels[ps->depth++] = (struct json_level){.node = (uint32_t) (n - ps->tape->nodes)};
        return 0;
}

/* A value from its first byte: a scalar whole, of a container its bracket. */
static inline int value_scan(struct json_parser *ps)
{
        struct json_node *n;

        if (ps->p >= ps->end)
                return value_refuse(ps);
        switch (*ps->p) {
        case '"':
                n = node_add(ps->tape, JSON_STRING);
                return n ? string_scan(ps, n) : -ENOMEM;
        case '{':
                return container_open(ps, JSON_OBJECT);
        case '[':
                return container_open(ps, JSON_ARRAY);
        case 't':
                return word_scan(ps, "true", JSON_TRUE);
        case 'f':
                return word_scan(ps, "false", JSON_FALSE);
        case 'n':
                return word_scan(ps, "null", JSON_NULL);
        case '-':
        case '0' ... '9':
                n = node_add(ps->tape, JSON_NUMBER);
                return n ? number_scan(ps, n) : -ENOMEM;
        default:
                return value_refuse(ps);
        }
}

/* A key and its colon; the blanks before the key are skipped already. */
static inline int key_scan(struct json_parser *ps)
{
        struct json_level *l = &ps->levels[ps->depth - 1];
        struct json_node *key;
        uint64_t bit;
        int r;

        if (ps->p >= ps->end)
                return REFUSE(ps, ps->text + ps->tape->nodes[l->node].offset,
                              "this object is never closed");
        if (*ps->p != '"')
                return REFUSE(ps, ps->p, "expected a key in double quotes");
        key = node_add(ps->tape, JSON_STRING);
        if (!key)
                return -ENOMEM;
        r = string_scan(ps, key);
        if (r != 0)
                return r;
        key->count = key_fingerprint(ps->tape, key);
        bit = UINT64_C(1) << (key->count & 63);
        l->maybe_duplicate |= (l->seen & bit) != 0;
        l->seen |= bit;
        r = blanks_skip(ps);
        if (r != 0)
                return r;
        if (ps->p >= ps->end || *ps->p != ':')
                return REFUSE(ps, ps->p, "expected \":\" behind the key");
        ps->p++;
        return blanks_skip(ps);
}

static int duplicate_refuse(struct json_parser *ps, uint32_t node)
{
        const struct json_node *key = &ps->tape->nodes[node];
        const char *name = ps->text + key->offset;

        return REFUSE(ps, name - 1, "the key \"%.*s\" stands twice in one object",
                      (int) utf8_cut(name, key->length, 64), name);
}

static inline int container_close(struct json_parser *ps)
{
        struct json_level *l = &ps->levels[ps->depth - 1];
        struct json_node *n = &ps->tape->nodes[l->node];
        uint32_t key;
        int r;

        ps->p++;
        n->length = (uint32_t) (ps->p - ps->text) - n->offset;
        n->next = (uint32_t) ps->tape->n_nodes;
        if (l->maybe_duplicate) {
                r = object_find_duplicate(ps->tape, l->node, &key);
                if (r != 0)
                        return r < 0 ? r : duplicate_refuse(ps, key);
        }
        ps->depth--;
        return 0;
}

static int separator_refuse(struct json_parser *ps, const struct json_node *container)
{
        const char *bracket = container->kind == JSON_OBJECT ? "}" : "]";

        if (ps->p >= ps->end)
                return REFUSE(ps, ps->text + container->offset, "this %s is never closed",
                              container->kind == JSON_OBJECT ? "object" : "list");
        return REFUSE(ps, ps->p, "expected \",\" or \"%s\"", bracket);
}

/* Between an opening bracket or a value and the next value: closes what closes, and returns 0 with
 * ps->p on the next value or, at depth 0, behind the document. opened: the last thing was a
 * bracket, so that the container may be empty and needs no comma. */
static inline int separator_scan(struct json_parser *ps, bool opened)
{
        while (ps->depth > 0) {
                struct json_node *n = &ps->tape->nodes[ps->levels[ps->depth - 1].node];
                char bracket = n->kind == JSON_OBJECT ? '}' : ']';
                int r = blanks_skip(ps);

                if (r != 0)
                        return r;
                if (ps->p < ps->end && *ps->p == bracket) {
                        r = container_close(ps);
                        if (r != 0)
                                return r;
                        opened = false;
                        continue;
                }
                if (!opened) {
                        if (ps->p >= ps->end || *ps->p != ',')
                                return separator_refuse(ps, n);
                        ps->p++;
                        r = blanks_skip(ps);
                        if (r != 0)
                                return r;
                }
                n->count++;
                return n->kind == JSON_OBJECT ? key_scan(ps) : 0;
        }
        return 0;
}

/* One value with all in it, and the blanks around it. */
static int whole_scan(struct json_parser *ps)
{
        int r = blanks_skip(ps);

        if (r != 0)
                return r;
        do {
                unsigned depth = ps->depth;

                r = value_scan(ps);
                if (r != 0)
                        return r;
                r = separator_scan(ps, ps->depth > depth);
                if (r != 0)
                        return r;
        } while (ps->depth > 0);
        return blanks_skip(ps);
}

static int document_scan(struct json_parser *ps)
{
        int r = whole_scan(ps);

        if (r == 0 && ps->p < ps->end)
                return REFUSE(ps, ps->p, "more text behind the end of the JSON value");
        return r;
}

/* Is a line feed among the blanks before ps->p? */
static bool line_begins(const struct json_parser *ps)
{
        const char *p = ps->p;

        while (p > ps->text && (p[-1] == ' ' || p[-1] == '\t' || p[-1] == '\r'))
                p--;
        return p > ps->text && p[-1] == '\n';
}

static int lines_scan(struct json_parser *ps)
{
        uint32_t n = 0;
        int r;

        if (!node_add(ps->tape, JSON_ARRAY))
                return -ENOMEM;
        do {
                if (n++ > 0 && !line_begins(ps))
                        return REFUSE(ps, ps->p, "more text behind the end of the JSON value");
                r = whole_scan(ps);
                if (r != 0)
                        return r;
        } while (ps->p < ps->end);
        ps->tape->nodes[0] = (struct json_node){.kind = JSON_ARRAY,
                                                .length = (uint32_t) (ps->end - ps->text),
                                                .next = (uint32_t) ps->tape->n_nodes,
                                                .count = n};
        ps->tape->lines = true;
        return 0;
}

static int tape_parse(struct json_tape *t, const char *text, size_t size, bool comments,
                      int (*scan)(struct json_parser *ps), struct problem *reterr)
{
        struct json_parser ps = {.problem = reterr};
        int r;

        if (!text)
                text = ""; /* an empty frame */
        if (t->n_allocated > NODES_KEPT)
                json_tape_done(t);
        t->text = text;
        t->size = size;
        t->n_nodes = 0;
        t->lines = false;
        ps.tape = t;
        ps.text = ps.p = text;
        ps.end = text + size;
        ps.comments = comments;
        r = size > INT32_MAX ? REFUSE(&ps, text, "larger than 2 GiB") : scan(&ps);
        if (r != 0)
                t->n_nodes = 0;
        return r;
}

int json_tape_parse(struct json_tape *t, const void *text, size_t size, struct problem *reterr)
{
        return tape_parse(t, text, size, false, document_scan, reterr);
}

int json_tape_parse_lines(struct json_tape *t, const void *text, size_t size,
                          struct problem *reterr)
{
        int r = json_tape_parse(t, text, size, NULL); /* what is wrong with it the lines tell */

        return r == JSON_E_INVALID ? tape_parse(t, text, size, false, lines_scan, reterr) : r;
}

int json_tape_parse_config(struct json_tape *t, const void *text, size_t size,
                           struct problem *reterr)
{
        return tape_parse(t, text, size, true, document_scan, reterr);
}

int json_tape_append(struct json_tape *t, const struct json_tape *other, const char *text,
                     size_t offset, uint32_t *ret_root)
{
        size_t n = t->n_nodes + other->n_nodes;

        if (n > t->n_allocated && nodes_grow(t, n) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < other->n_nodes; i++) {
                struct json_node *node = &t->nodes[t->n_nodes + i];

                *node = other->nodes[i];
                node->offset += (uint32_t) offset;
                node->next += (uint32_t) t->n_nodes;
        }
        *ret_root = (uint32_t) t->n_nodes;
        t->n_nodes = n;
        t->text = text;
        return 0;
}
