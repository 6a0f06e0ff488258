/* Reads and decides grades. */
#include "daemon/core/grade.h"
#include "daemon/core/window.h"
#include "proto/base/word.h"

#include <errno.h>
#include <string.h>

static const char *const NAMES[GRADE_MAX + 1] = {
        [GRADE_OFI] = "ofi",     [GRADE_OBSERVATION] = "observation", [GRADE_MINOR] = "minor",
        [GRADE_MAJOR] = "major", [GRADE_CRITICAL] = "critical",
};

const char *grade_name(enum grade g)
{
        return NAMES[g];
}

static int read_grade(struct reader *r, uint32_t node, enum grade *ret)
{
        const struct json_node *n = &r->tape.nodes[node];
        const char *near;

        if (n->kind != JSON_STRING) {
                reader_complain(r, node,
                                "a grade is expected: critical, major, minor, observation "
                                "or ofi");
                return 0;
        }
        for (unsigned g = 0; g < GRADE_MAX; g++)
                if (json_string_equals(&r->tape, node, NAMES[g], strlen(NAMES[g]))) {
                        *ret = g;
                        return 0;
                }
        near = word_nearest(r->tape.text + n->offset, n->length, NAMES, GRADE_MAX);
        if (near)
                reader_complain(r, node, "no such grade; did you mean \"%s\"?", near);
        else
                reader_complain(r, node,
                                "no such grade; there are critical, major, minor, "
                                "observation and ofi");
        return 0;
}

static int case_read_to(struct reader *r, uint32_t node, void *target)
{
        struct grade_case *c = target;

        return read_grade(r, node, &c->to);
}

static int case_read(struct reader *r, uint32_t node, void *target)
{
        static const struct member MEMBERS[] = {{"to", case_read_to, true}, OPERATION_MEMBERS};
        struct grading *g = target;
        struct grade_case *c = &g->cases[g->n_cases++];
        int k;

        k = reader_object(r, node, "a case of a grade map", MEMBERS, ARRAY_LEN(MEMBERS), c);
        if (k < 0 || r->tape.nodes[node].kind != JSON_OBJECT)
                return k;
        return tests_read(r, node, &c->tests);
}

static int read_path(struct reader *r, uint32_t node, void *target)
{
        struct grading *g = target;

        return reader_path(r, node, &g->path);
}

static int read_map(struct reader *r, uint32_t node, void *target)
{
        struct grading *g = target;

        g->cases = arena_array(r->arena, reader_length(r, node), sizeof(*g->cases));
        if (!g->cases)
                return -ENOMEM;
        return reader_list(r, node, case_read, g);
}

static int read_else(struct reader *r, uint32_t node, void *target)
{
        struct grading *g = target;

        return read_grade(r, node, &g->otherwise);
}

static int map_read(struct reader *r, uint32_t node, struct grading *g)
{
        static const struct member MEMBERS[] = {
                {"path", read_path, true},
                {"map", read_map, true},
                {"else", read_else, true},
        };

        return reader_object(r, node, "a grade map", MEMBERS, ARRAY_LEN(MEMBERS), g);
}

static int growth_read_occurrences(struct reader *r, uint32_t node, void *target)
{
        struct growth *g = target;
        int64_t n;

        if (json_int64(&r->tape, node, &n) != 0 || n < 2 || n > 1000000)
                reader_complain(r, node, "\"occurrences\" is a whole number from 2 to 1,000,000");
        else
                g->occurrences = (unsigned) n;
        return 0;
}

static int growth_read_within(struct reader *r, uint32_t node, void *target)
{
        struct growth *g = target;
        struct problem p = {0};
        struct text text;
        int k;

        k = reader_text(r, node, 64, &text);
        if (k < 0 || !text.data)
                return k;
        k = duration_parse(text.data, text.size, &g->within, &p);
        if (k > 0)
                reader_complain_within(r, node, &p);
        return MIN(k, 0);
}

static int growth_read_to(struct reader *r, uint32_t node, void *target)
{
        struct growth *g = target;

        return read_grade(r, node, &g->to);
}

static int growth_read_silence(struct reader *r, uint32_t node, void *target)
{
        struct growth *g = target;

        return window_read(r, node, &g->within);
}

static int growth_read(struct reader *r, uint32_t node, void *target)
{
        static const struct member MEMBERS[] = {
                {"occurrences", growth_read_occurrences, true},
                {"within", growth_read_within, true},
                {"to", growth_read_to, true},
        };
        static const struct member SILENCE[] = {
                {"no_pass_for", growth_read_silence, true},
                {"to", growth_read_to, true},
        };
        struct grading *g = target;
        struct growth *step = &g->growth[g->n_growth++];
        uint32_t found;

        if (json_member(&r->tape, node, "no_pass_for", &found) == 0)
                return reader_object(r, node, "a step of \"raise\"", SILENCE, ARRAY_LEN(SILENCE),
                                     step);
        return reader_object(r, node, "a step of \"raise\"", MEMBERS, ARRAY_LEN(MEMBERS), step);
}

static int read_base(struct reader *r, uint32_t node, void *target)
{
        struct grading *g = target;

        return r->tape.nodes[node].kind == JSON_OBJECT ? map_read(r, node, g)
                                                       : read_grade(r, node, &g->otherwise);
}

static int read_raise(struct reader *r, uint32_t node, void *target)
{
        struct grading *g = target;

        g->growth = arena_array(r->arena, reader_length(r, node), sizeof(*g->growth));
        if (!g->growth)
                return -ENOMEM;
        return reader_list(r, node, growth_read, g);
}

int grading_read(struct reader *r, uint32_t node, struct grading *ret)
{
        static const struct member GROWING[] = {
                {"base", read_base, true},
                {"raise", read_raise, true},
        };
        unsigned before = r->complaints->n;
        uint32_t found;
        int k;

        *ret = (struct grading){.otherwise = GRADE_MINOR};
        if (json_member(&r->tape, node, "base", &found) != 0)
                return read_base(r, node, ret);
        k = reader_object(r, node, "a growing grade", GROWING, ARRAY_LEN(GROWING), ret);
        for (unsigned i = 0; k == 0 && r->complaints->n == before && i < ret->n_growth; i++)
                if (!ret->path && ret->growth[i].to <= ret->otherwise)
                        reader_complain(r, node, "a grade that starts at %s cannot be raised to %s",
                                        grade_name(ret->otherwise), grade_name(ret->growth[i].to));
        return k;
}

int grading_decide(const struct grading *g, struct view *v, unsigned *n_unknown, enum grade *ret)
{
        for (unsigned i = 0; g->path && i < g->n_cases; i++) {
                enum truth truth;
                int r;

                r = path_decide(g->path, &g->cases[i].tests, v, n_unknown, &truth);
                if (r < 0)
                        return r;
                if (truth == TRUTH_YES) {
                        *ret = g->cases[i].to;
                        return 0;
                }
        }
        *ret = g->otherwise;
        return 0;
}
