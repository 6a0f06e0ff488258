/* Reads mappings and finds values by them. */
#include "daemon/core/mapping.h"

#include <errno.h>
#include <string.h>

#include "proto/base/limits.h"

#define CONSTANT_BYTES 1024U

static int case_read_to(struct reader *r, uint32_t node, void *target)
{
        struct mapping_case *c = target;

        return reader_text(r, node, CONSTANT_BYTES, &c->to);
}

static int case_read(struct reader *r, uint32_t node, void *target)
{
        static const struct member MEMBERS[] = {{"to", case_read_to, true}, OPERATION_MEMBERS};
        struct alternative *a = target;
        struct mapping_case *c = &a->cases[a->n_cases++];
        int k;

        k = reader_object(r, node, "a case of a map", MEMBERS, ARRAY_LEN(MEMBERS), c);
        if (k < 0 || r->tape.nodes[node].kind != JSON_OBJECT)
                return k;
        return tests_read(r, node, &c->tests);
}

static int read_path(struct reader *r, uint32_t node, void *target)
{
        struct alternative *a = target;

        return reader_path(r, node, &a->place.path);
}

static int read_document(struct reader *r, uint32_t node, void *target)
{
        struct alternative *a = target;

        a->place.of_document = true;
        return reader_path(r, node, &a->place.path);
}

static int read_template(struct reader *r, uint32_t node, void *target)
{
        struct alternative *a = target;

        return template_read(r, node, &a->template);
}

static int read_capture(struct reader *r, uint32_t node, void *target)
{
        struct alternative *a = target;

        return pattern_read(r, node, 0, 1, &a->capture);
}

static int read_map(struct reader *r, uint32_t node, void *target)
{
        struct alternative *a = target;

        a->cases = arena_array(r->arena, reader_length(r, node), sizeof(*a->cases));
        if (!a->cases)
                return -ENOMEM;
        return reader_list(r, node, case_read, a);
}

static int read_else(struct reader *r, uint32_t node, void *target)
{
        struct alternative *a = target;

        return reader_text(r, node, CONSTANT_BYTES, &a->otherwise);
}

static int read_as(struct reader *r, uint32_t node, void *target)
{
        struct alternative *a = target;

        if (r->tape.nodes[node].kind == JSON_STRING &&
            json_string_equals(&r->tape, node, "number", strlen("number")))
                a->as_number = true;
        else
                reader_complain(r, node, "\"as\" can be \"number\"");
        return 0;
}

static int alternative_read(struct reader *r, uint32_t node, void *target)
{
        static const struct member MEMBERS[] = {
                {"path", read_path, false},
                {"document", read_document, false},
                {"template", read_template, false},
                {"capture", read_capture, false},
                {"map", read_map, false},
                {"else", read_else, false},
                {"as", read_as, false},
        };
        struct mapping *m = target;
        struct alternative *a = &m->items[m->n++];
        unsigned before = r->complaints->n, ways = 0;
        uint32_t found;
        int k;

        if (r->tape.nodes[node].kind == JSON_STRING)
                return reader_text(r, node, CONSTANT_BYTES, &a->constant);
        if (r->tape.nodes[node].kind != JSON_OBJECT) {
                reader_complain(r, node,
                                "a value comes from a constant text, {\"path\": ...}, "
                                "{\"document\": ...}, {\"template\": ...}, or a list of them");
                return 0;
        }
        k = reader_object(r, node, "a mapped value", MEMBERS, ARRAY_LEN(MEMBERS), a);
        if (k < 0)
                return k;
        for (unsigned i = 0; i < 3; i++)
                ways += json_member(&r->tape, node, MEMBERS[i].name, &found) == 0;
        if (ways != 1)
                reader_complain(r, node,
                                "a mapped value has exactly one of \"path\", \"document\", "
                                "\"template\"");
        if (before == r->complaints->n && a->place.path && a->place.path->pointer.wild)
                reader_complain(r, node, "a mapped value is a single one; \"*\" names many");
        if (a->otherwise.data && a->n_cases == 0)
                reader_complain(r, node, "\"else\" belongs to a \"map\"");
        return 0;
}

int mapping_read(struct reader *r, uint32_t node, struct mapping *ret)
{
        *ret = (struct mapping){0};
        if (r->tape.nodes[node].kind == JSON_ARRAY && r->tape.nodes[node].count == 0)
                reader_complain(r, node, "the list is empty");
        ret->items = arena_array(r->arena, reader_length(r, node), sizeof(*ret->items));
        if (!ret->items)
                return -ENOMEM;
        return reader_list(r, node, alternative_read, ret);
}

static int read_place_document(struct reader *r, uint32_t node, void *target)
{
        struct place *p = target;

        p->of_document = true;
        return reader_path(r, node, &p->path);
}

int place_read(struct reader *r, uint32_t node, struct place *ret)
{
        static const struct member MEMBERS[] = {{"document", read_place_document, true}};

        *ret = (struct place){0};
        if (r->tape.nodes[node].kind == JSON_OBJECT)
                return reader_object(r, node, "a place", MEMBERS, ARRAY_LEN(MEMBERS), ret);
        return reader_path(r, node, &ret->path);
}

int place_find(const struct place *p, struct view *v, struct value *ret)
{
        return view_find(p->of_document ? v->whole : v, p->path, ret);
}

/* The value before capture, map and as. VIEW_E_ABSENT where there is none. */
static int alternative_take(const struct alternative *a, struct view *v, struct value *ret)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        unsigned n_missing = 0;
        int r;

        *ret = (struct value){.kind = JSON_STRING, .text = a->constant, .node = NODE_NONE};
        if (a->constant.data)
                return 0;
        if (a->place.path)
                return place_find(&a->place, v, ret);
        r = template_render(&a->template, v, LIMIT_MAPPED_TEXT, &b, &n_missing);
        if (r < 0)
                return r;
        if (n_missing > 0)
                return VIEW_E_ABSENT;
        return arena_text(v->part_arena, b.data, b.size, &ret->text);
}

static bool is_number(const struct text *t)
{
        cleanup_(json_tape_done) struct json_tape tape = JSON_TAPE_NULL;

        return t->size <= LIMIT_JSON_NUMBER &&
               json_tape_parse(&tape, t->data, t->size, NULL) == 0 &&
               tape.nodes[0].kind == JSON_NUMBER && tape.nodes[0].length == t->size;
}

static bool alternative_capture(const struct alternative *a, struct value *value)
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

static bool alternative_map(const struct alternative *a, const struct view *v, struct value *value)
{
        const struct text *to = &a->otherwise;

        for (unsigned i = 0; i < a->n_cases; i++)
                if (tests_of_value(&a->cases[i].tests, v->tape, value) == TRUTH_YES) {
                        to = &a->cases[i].to;
                        break;
                }
        *value = (struct value){.kind = JSON_STRING, .text = *to, .node = NODE_NONE};
        return to->data != NULL;
}

static bool alternative_finish(const struct alternative *a, const struct view *v, bool text,
                               struct value *value)
{
        if (value->kind == JSON_STRING && value->text.size > LIMIT_MAPPED_TEXT)
                return false;
        if (a->capture && !alternative_capture(a, value))
                return false;
        if (a->cases && !alternative_map(a, v, value))
                return false;
        if (a->as_number && value->kind == JSON_STRING) {
                if (!is_number(&value->text))
                        return false;
                value->kind = JSON_NUMBER;
                value->node = NODE_NONE;
        }
        if (value->kind == JSON_NULL || (value->kind == JSON_STRING && value->text.size == 0))
                return false;
        return !text || (value->kind != JSON_ARRAY && value->kind != JSON_OBJECT);
}

int mapping_find(const struct mapping *m, struct view *v, bool text, struct mapped *ret)
{
        ret->present = false;
        for (unsigned i = 0; i < m->n; i++) {
                struct value value;
                int r;

                r = alternative_take(&m->items[i], v, &value);
                if (r < 0)
                        return r;
                if (r == 0 && alternative_finish(&m->items[i], v, text, &value)) {
                        *ret = (struct mapped){true, value};
                        return 0;
                }
        }
        return 0;
}
