/* Reads conditions and decides them. */
#include "daemon/core/match.h"

#include <errno.h>
#include <string.h>

#include "proto/base/utf8.h"

#define ASKED_BYTES 120 /* that explain shows of what a condition asks */

static int condition_fill(struct reader *r, uint32_t node, void *target)
{
        struct condition **next = target;

        return condition_read(r, node, (*next)++);
}

static int condition_children(struct reader *r, uint32_t node, enum condition_kind kind,
                              struct condition *c)
{
        struct condition *next;

        c->kind = kind;
        if (kind != CONDITION_NOT &&
            (r->tape.nodes[node].kind != JSON_ARRAY || r->tape.nodes[node].count == 0)) {
                reader_complain(r, node, "\"%s\" needs a list of at least one condition",
                                kind == CONDITION_ALL ? "all" : "any");
                return 0;
        }
        c->n_children = kind == CONDITION_NOT ? 1 : r->tape.nodes[node].count;
        c->children = arena_array(r->arena, c->n_children, sizeof(*c->children));
        if (!c->children)
                return -ENOMEM;
        if (kind == CONDITION_NOT)
                return condition_read(r, node, c->children);
        next = c->children;
        return reader_list(r, node, condition_fill, &next);
}

static int read_all(struct reader *r, uint32_t node, void *target)
{
        return condition_children(r, node, CONDITION_ALL, target);
}

static int read_any(struct reader *r, uint32_t node, void *target)
{
        return condition_children(r, node, CONDITION_ANY, target);
}

static int read_not(struct reader *r, uint32_t node, void *target)
{
        return condition_children(r, node, CONDITION_NOT, target);
}

static int read_path(struct reader *r, uint32_t node, void *target)
{
        struct condition *c = target;

        c->kind = CONDITION_PATH;
        return reader_path(r, node, &c->path);
}

/* A value as it stands in the file, on one line: a text has no line breaks, a list may. */
static void add_value(struct buffer *b, const struct json_tape *t, uint32_t node)
{
        const char *text;
        size_t size;

        json_slice(t, node, &text, &size);
        for (size_t i = 0; i < size; i++)
                if ((unsigned char) text[i] >= ' ')
                        buffer_add_char(b, text[i]);
}

/* What a condition asks of its path. */
static int keep_asked(struct reader *r, uint32_t node, struct condition *c)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        uint32_t key = json_first(&r->tape, node);
        const char *text;

        for (uint32_t i = 0; i < r->tape.nodes[node].count; i++) {
                if (!json_string_equals(&r->tape, key, "path", strlen("path"))) {
                        buffer_add_str(&b, b.size > 0 ? ", " : "");
                        json_string_decode(&r->tape, key, &b);
                        buffer_add_char(&b, ' ');
                        add_value(&b, &r->tape, key + 1);
                }
                key = r->tape.nodes[key + 1].next;
        }
        if (buffer_status(&b) < 0)
                return -ENOMEM;
        text = b.data ? b.data : "";
        c->asked = arena_dup(r->arena, text, utf8_cut(text, b.size, ASKED_BYTES));
        return c->asked ? 0 : -ENOMEM;
}

int condition_read(struct reader *r, uint32_t node, struct condition *ret)
{
        static const struct member ATOM[] = {{"path", read_path, true}, OPERATION_MEMBERS};
        static const struct member GROUP[] = {
                {"all", read_all, false}, {"any", read_any, false}, {"not", read_not, false},
                {"path", NULL, false},    OPERATION_MEMBERS,
        };
        uint32_t found;
        int k;

        if (r->tape.nodes[node].kind != JSON_OBJECT) {
                reader_complain(r, node,
                                "a condition must be an object, such as "
                                "{\"path\": \"/type\", \"eq\": \"backup.finished\"}");
                return 0;
        }
        if (json_member(&r->tape, node, "path", &found) == 0) {
                k = reader_object(r, node, "a condition with a path", ATOM, ARRAY_LEN(ATOM), ret);
                if (k == 0)
                        k = keep_asked(r, node, ret);
                return k < 0 ? k : tests_read(r, node, &ret->tests);
        }
        if (r->tape.nodes[node].count != 1) {
                reader_complain(r, node,
                                "a condition has either \"path\" and operators, or exactly "
                                "one of \"all\", \"any\", \"not\"");
                return 0;
        }
        return reader_object(r, node, "a condition", GROUP, ARRAY_LEN(GROUP), ret);
}

struct any_value { /* Kleene's "any" over the values of a "*" path */
        const struct tests *tests;
        const struct json_tape *tape;
        enum truth truth;
        bool seen;
};

static int any_value_holds(const struct value *value, void *userdata)
{
        struct any_value *a = userdata;
        enum truth t = tests_of_value(a->tests, a->tape, value);

        a->seen = true;
        if (t == TRUTH_UNKNOWN && a->truth == TRUTH_NO)
                a->truth = TRUTH_UNKNOWN;
        if (t == TRUTH_YES)
                a->truth = TRUTH_YES;
        return t == TRUTH_YES;
}

int path_decide(const struct path *p, const struct tests *t, struct view *v, unsigned *n_unknown,
                enum truth *ret)
{
        enum truth truth;
        int r;

        if (p->pointer.wild) {
                struct any_value any = {t, v->tape, TRUTH_NO, false};

                r = view_each(v, p, any_value_holds, &any);
                if (r < 0)
                        return r;
                truth = any.seen ? any.truth : tests_of_absence(t);
        } else {
                struct value value;

                r = view_find(v, p, &value);
                if (r < 0)
                        return r;
                truth = r == 0 ? tests_of_value(t, v->tape, &value) : tests_of_absence(t);
        }
        *n_unknown += truth == TRUTH_UNKNOWN;
        *ret = truth;
        return 0;
}

int condition_decide(const struct condition *c, struct view *v, unsigned *n_unknown,
                     enum truth *ret)
{
        enum truth decides = c->kind == CONDITION_ANY ? TRUTH_YES : TRUTH_NO;
        enum truth truth = c->kind == CONDITION_ANY ? TRUTH_NO : TRUTH_YES;
        int r;

        if (c->kind == CONDITION_PATH)
                return path_decide(c->path, &c->tests, v, n_unknown, ret);
        if (c->kind == CONDITION_NOT) {
                r = condition_decide(c->children, v, n_unknown, &truth);
                if (r < 0)
                        return r;
                *ret = truth == TRUTH_UNKNOWN ? truth : truth == TRUTH_NO ? TRUTH_YES : TRUTH_NO;
                return 0;
        }
        for (unsigned i = 0; i < c->n_children; i++) {
                enum truth child;

                r = condition_decide(&c->children[i], v, n_unknown, &child);
                if (r < 0)
                        return r;
                if (child == decides) {
                        *ret = decides;
                        return 0;
                }
                if (child == TRUTH_UNKNOWN)
                        truth = TRUTH_UNKNOWN;
        }
        *ret = truth;
        return 0;
}
