/* Operators: reading them, and holding them against a value. */
#include "daemon/core/operand.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "daemon/core/glob.h"
#include "proto/base/limits.h"

const char *const OPERATION_NAMES[OPERATION_MAX + 1] = {
        [OPERATION_EQ] = "eq",
        [OPERATION_NE] = "ne",
        [OPERATION_IN] = "in",
        [OPERATION_NIN] = "nin",
        [OPERATION_LT] = "lt",
        [OPERATION_LTE] = "lte",
        [OPERATION_GT] = "gt",
        [OPERATION_GTE] = "gte",
        [OPERATION_CONTAINS] = "contains",
        [OPERATION_STARTSWITH] = "startswith",
        [OPERATION_ENDSWITH] = "endswith",
        [OPERATION_GLOB] = "glob",
        [OPERATION_RE] = "re",
        [OPERATION_CIDR] = "cidr",
        [OPERATION_EXISTS] = "exists",
};

enum truth truth_and(enum truth a, enum truth b)
{
        if (a == TRUTH_NO || b == TRUTH_NO)
                return TRUTH_NO;
        return a == TRUTH_YES && b == TRUTH_YES ? TRUTH_YES : TRUTH_UNKNOWN;
}

static int operand_read(struct reader *r, uint32_t node, void *target)
{
        const struct json_node *n = &r->tape.nodes[node];
        struct test *t = target;
        struct value value;
        int k;

        if (n->kind == JSON_ARRAY || n->kind == JSON_OBJECT) {
                reader_complain(r, node,
                                "\"%s\" compares with a text, a number, true, false or null",
                                OPERATION_NAMES[t->op]);
                return 0;
        }
        k = value_of_node(&r->tape, node, r->arena, &value);
        if (k < 0)
                return k;
        t->operands[t->n].kind = value.kind;
        k = arena_text(r->arena, value.text.data, value.text.size, &t->operands[t->n].text);
        t->n++;
        return k;
}

static int network_read(struct reader *r, uint32_t node, void *target)
{
        struct test *t = target;
        struct network *net = &t->networks[t->n++];
        unsigned long bits, most = 128;
        char address[64], *slash, *end = NULL;
        struct text text;
        int k;

        k = reader_text(r, node, sizeof(address) - 1, &text);
        if (k < 0 || !text.data)
                return k;
        memcpy(address, text.data, text.size);
        address[text.size] = '\0';
        slash = strchr(address, '/');
        if (slash)
                *slash++ = '\0';
        if (inet_pton(AF_INET, address, net->bytes + 12) == 1) {
                memset(net->bytes + 10, 0xFF, 2);
                most = 32;
        } else if (inet_pton(AF_INET6, address, net->bytes) != 1) {
                reader_complain(r, node, "not an IPv4 or IPv6 network, such as \"10.0.0.0/8\"");
                return 0;
        }
        bits = slash && *slash >= '0' && *slash <= '9' ? strtoul(slash, &end, 10) : most;
        if ((slash && (!end || *end != '\0')) || bits > most)
                reader_complain(r, node, "the number behind the slash must be 0 to %lu", most);
        else
                net->bits = (unsigned) (bits + 128 - most);
        return 0;
}

static int test_read_operands(struct reader *r, uint32_t node, struct test *t)
{
        bool list = t->op == OPERATION_IN || t->op == OPERATION_NIN;

        if (list && (r->tape.nodes[node].kind != JSON_ARRAY || r->tape.nodes[node].count == 0)) {
                reader_complain(r, node, "\"%s\" needs a list of at least one value",
                                OPERATION_NAMES[t->op]);
                return 0;
        }
        t->operands = arena_array(r->arena, reader_length(r, node), sizeof(*t->operands));
        if (!t->operands)
                return -ENOMEM;
        return list ? reader_list(r, node, operand_read, t) : operand_read(r, node, t);
}

/* Which kinds an operator can be given. */
static void test_check_kinds(struct reader *r, uint32_t node, const struct test *t)
{
        uint8_t kind = r->tape.nodes[node].kind;
        bool ordered = t->op >= OPERATION_LT && t->op <= OPERATION_GTE;
        bool text = t->op >= OPERATION_STARTSWITH && t->op <= OPERATION_GLOB;

        if (ordered && kind != JSON_NUMBER && kind != JSON_STRING)
                reader_complain(r, node, "\"%s\" needs a number, or a text to order by its bytes",
                                OPERATION_NAMES[t->op]);
        if (text && kind != JSON_STRING)
                reader_complain(r, node, "\"%s\" needs a text", OPERATION_NAMES[t->op]);
        if (t->op == OPERATION_GLOB && t->n > 0 && t->operands[0].text.size > PATTERN_BYTES)
                reader_complain(r, node, "the pattern is longer than %u bytes", PATTERN_BYTES);
}

static int test_read(struct reader *r, uint32_t node, struct test *t)
{
        int k = 0;

        if (t->op == OPERATION_EXISTS)
                return reader_bool(r, node, &t->exists);
        if (t->op == OPERATION_RE)
                return pattern_read(r, node, t->nocase, 0, &t->pattern);
        if (t->op == OPERATION_CIDR) {
                t->networks = arena_array(r->arena, reader_length(r, node), sizeof(*t->networks));
                return t->networks ? reader_list(r, node, network_read, t) : -ENOMEM;
        }
        k = test_read_operands(r, node, t);
        if (k == 0)
                test_check_kinds(r, node, t);
        if (k == 0 && t->op == OPERATION_GLOB && t->operands[0].kind == JSON_STRING)
                k = glob_read(r, node, &t->operands[0].text, t->nocase, &t->pattern);
        return k;
}

static bool knows_case(enum operation op)
{
        return !((op >= OPERATION_LT && op <= OPERATION_GTE) || op == OPERATION_CIDR ||
                 op == OPERATION_EXISTS);
}

int tests_read(struct reader *r, uint32_t node, struct tests *ret)
{
        return tests_read_nocase(r, node, false, ret);
}

int tests_read_nocase(struct reader *r, uint32_t node, bool nocase, struct tests *ret)
{
        bool written = false;
        uint32_t found;
        int k;

        ret->items = arena_array(r->arena, OPERATION_MAX, sizeof(*ret->items));
        if (!ret->items)
                return -ENOMEM;
        if (json_member(&r->tape, node, "nocase", &found) == 0) {
                k = reader_bool(r, found, &nocase);
                if (k < 0)
                        return k;
                written = nocase;
        }
        for (unsigned op = 0; op < OPERATION_MAX; op++) {
                struct test *t = &ret->items[ret->n];

                if (json_member(&r->tape, node, OPERATION_NAMES[op], &found) != 0)
                        continue;
                *t = (struct test){.op = op, .nocase = nocase && knows_case(op)};
                ret->n++;
                if (written && !knows_case(op))
                        reader_complain(r, found, "\"nocase\" has no meaning for \"%s\"",
                                        OPERATION_NAMES[op]);
                k = test_read(r, found, t);
                if (k < 0)
                        return k;
        }
        if (ret->n == 0)
                reader_complain(r, node,
                                "an operator is missing: eq ne in nin lt lte gt gte contains "
                                "startswith endswith glob re cidr exists");
        return 0;
}

static unsigned char fold(char c)
{
        return (unsigned char) (c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

static bool bytes_equal(const char *a, const char *b, size_t size, bool nocase)
{
        if (!nocase)
                return memcmp(a, b, size) == 0;
        for (size_t i = 0; i < size; i++)
                if (fold(a[i]) != fold(b[i]))
                        return false;
        return true;
}

static bool is_truth(enum json_kind k)
{
        return k == JSON_TRUE || k == JSON_FALSE;
}

static bool operand_equals(const struct operand *o, const struct value *v, bool nocase)
{
        if (is_truth(o->kind) && is_truth(v->kind))
                return o->kind == v->kind;
        if (o->kind != v->kind)
                return false;
        if (o->kind == JSON_NUMBER)
                return json_number_compare(o->text.data, o->text.size, v->text.data,
                                           v->text.size) == 0;
        if (o->kind == JSON_STRING)
                return o->text.size == v->text.size &&
                       bytes_equal(o->text.data, v->text.data, o->text.size, nocase);
        return true; /* null */
}

static bool equals_any(const struct test *t, const struct value *v)
{
        for (unsigned i = 0; i < t->n; i++)
                if (operand_equals(&t->operands[i], v, t->nocase))
                        return true;
        return false;
}

static enum truth truth_of(bool b)
{
        return b ? TRUTH_YES : TRUTH_NO;
}

static int sign_of_texts(const struct text *a, const struct text *b)
{
        int d = memcmp(a->data, b->data, MIN(a->size, b->size));

        return d != 0 ? d : (a->size > b->size) - (a->size < b->size);
}

static enum truth order_holds(const struct test *t, const struct value *v)
{
        const struct operand *o = &t->operands[0];
        int d;

        if (v->kind != o->kind)
                return TRUTH_UNKNOWN;
        if (v->kind == JSON_NUMBER)
                d = json_number_compare(v->text.data, v->text.size, o->text.data, o->text.size);
        else
                d = sign_of_texts(&v->text, &o->text);
        if (t->op == OPERATION_LT)
                return truth_of(d < 0);
        if (t->op == OPERATION_LTE)
                return truth_of(d <= 0);
        return truth_of(t->op == OPERATION_GT ? d > 0 : d >= 0);
}

static bool text_contains(const struct text *text, const struct text *part, bool nocase)
{
        struct text head = text_head(text, LIMIT_CONTAINS_TEXT);

        if (!nocase)
                return memmem(head.data, head.size, part->data, part->size) != NULL;
        for (size_t i = 0; i + part->size <= head.size; i++)
                if (bytes_equal(head.data + i, part->data, part->size, true))
                        return true;
        return false;
}

/* A text that has the part, or a list that has the element. */
static enum truth contains_holds(const struct test *t, const struct json_tape *tape,
                                 const struct value *v)
{
        const struct operand *o = &t->operands[0];

        if (v->kind == JSON_STRING && o->kind == JSON_STRING)
                return truth_of(text_contains(&v->text, &o->text, t->nocase));
        if (v->kind != JSON_ARRAY)
                return TRUTH_UNKNOWN;
        for (uint32_t i = 0, c = json_first(tape, v->node); i < tape->nodes[v->node].count;
             i++, c = tape->nodes[c].next) {
                const struct json_node *n = &tape->nodes[c];
                struct value e = {n->kind, {tape->text + n->offset, n->length}, c};
                cleanup_(buffer_done) struct buffer b = BUFFER_NULL;

                if (n->kind == JSON_STRING && n->escaped) {
                        json_string_decode(tape, c, &b);
                        if (buffer_status(&b) < 0)
                                return TRUTH_UNKNOWN;
                        e.text = (struct text){b.data, b.size};
                }
                if (operand_equals(o, &e, t->nocase))
                        return TRUTH_YES;
        }
        return TRUTH_NO;
}

bool address_read(const struct text *text, uint8_t ret[16])
{
        char address[64];

        if (text->size >= sizeof(address))
                return false;
        memcpy(address, text->data, text->size);
        address[text->size] = '\0';
        memset(ret, 0, 16);
        if (inet_pton(AF_INET, address, ret + 12) != 1)
                return inet_pton(AF_INET6, address, ret) == 1;
        memset(ret + 10, 0xFF, 2);
        return true;
}

static enum truth networks_hold(const struct test *t, const struct text *text)
{
        uint8_t bytes[16];

        if (!address_read(text, bytes))
                return TRUTH_UNKNOWN;
        for (unsigned i = 0; i < t->n; i++) {
                const struct network *n = &t->networks[i];
                unsigned whole = n->bits / 8, rest = n->bits % 8;

                if (memcmp(bytes, n->bytes, whole) == 0 &&
                    (rest == 0 || ((bytes[whole] ^ n->bytes[whole]) >> (8 - rest)) == 0))
                        return TRUTH_YES;
        }
        return TRUTH_NO;
}

static enum truth text_holds(const struct test *t, const struct text *text)
{
        const struct text *o;
        size_t offset;

        if (t->op == OPERATION_RE || t->op == OPERATION_GLOB)
                return truth_of(pattern_matches(t->pattern, text, NULL, 0));
        if (t->op == OPERATION_CIDR)
                return networks_hold(t, text);
        o = &t->operands[0].text;
        if (o->size > text->size)
                return TRUTH_NO;
        offset = t->op == OPERATION_ENDSWITH ? text->size - o->size : 0;
        return truth_of(bytes_equal(text->data + offset, o->data, o->size, t->nocase));
}

static enum truth test_of_value(const struct test *t, const struct json_tape *tape,
                                const struct value *v)
{
        switch (t->op) {
        case OPERATION_EQ:
        case OPERATION_IN:
                return truth_of(equals_any(t, v));
        case OPERATION_NE:
        case OPERATION_NIN:
                return truth_of(!equals_any(t, v));
        case OPERATION_LT:
        case OPERATION_LTE:
        case OPERATION_GT:
        case OPERATION_GTE:
                return order_holds(t, v);
        case OPERATION_CONTAINS:
                return contains_holds(t, tape, v);
        case OPERATION_STARTSWITH:
        case OPERATION_ENDSWITH:
        case OPERATION_GLOB:
        case OPERATION_RE:
        case OPERATION_CIDR:
                return v->kind == JSON_STRING ? text_holds(t, &v->text) : TRUTH_UNKNOWN;
        case OPERATION_EXISTS:
                return truth_of(t->exists);
        case OPERATION_MAX:
                break;
        }
        return TRUTH_UNKNOWN;
}

enum truth tests_of_value(const struct tests *t, const struct json_tape *tape,
                          const struct value *value)
{
        enum truth truth = TRUTH_YES;

        for (unsigned i = 0; i < t->n && truth != TRUTH_NO; i++)
                truth = truth_and(truth, test_of_value(&t->items[i], tape, value));
        return truth;
}

enum truth tests_of_absence(const struct tests *t)
{
        enum truth truth = TRUTH_YES;

        for (unsigned i = 0; i < t->n; i++)
                truth = truth_and(truth, t->items[i].op == OPERATION_EXISTS
                                                 ? truth_of(!t->items[i].exists)
                                                 : TRUTH_UNKNOWN);
        return truth;
}
