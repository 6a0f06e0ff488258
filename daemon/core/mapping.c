/* Reads mappings: each alternative is an object with one place, and steps that fit it. */
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
        return tests_read_nocase(r, node, a->nocase, &c->tests);
}

static int read_path(struct reader *r, uint32_t node, void *target)
{
        struct alternative *a = target;

        return reader_path(r, node, &a->place.path);
}

static int read_document(struct reader *r, uint32_t node, void *target)
{
        struct alternative *a = target;

        a->place.origin = ORIGIN_DOCUMENT;
        return reader_path(r, node, &a->place.path);
}

static int read_above(struct reader *r, uint32_t node, void *target)
{
        struct alternative *a = target;

        a->place.origin = ORIGIN_ABOVE;
        return reader_path(r, node, &a->place.path);
}

static int read_envelope(struct reader *r, uint32_t node, void *target)
{
        struct alternative *a = target;

        a->place.origin = ORIGIN_ENVELOPE;
        return reader_path(r, node, &a->place.path);
}

static int read_json(struct reader *r, uint32_t node, void *target)
{
        struct alternative *a = target;
        int k;

        k = reader_path(r, node, &a->json);
        if (k == 0 && a->json && a->json->pointer.wild)
                reader_complain(r, node, "\"json\" names a single value; \"*\" names many");
        return k;
}

static int read_template(struct reader *r, uint32_t node, void *target)
{
        struct alternative *a = target;

        return template_read(r, node, &a->template);
}

static int read_capture(struct reader *r, uint32_t node, void *target)
{
        struct alternative *a = target;

        return pattern_read(r, node, false, 1, &a->capture);
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
                a->as = CONVERSION_NUMBER;
        else if (r->tape.nodes[node].kind == JSON_STRING &&
                 json_string_equals(&r->tape, node, "text", strlen("text")))
                a->as = CONVERSION_TEXT;
        else
                reader_complain(r, node, "\"as\" can be \"number\" or \"text\"");
        return 0;
}

/* It holds for cases that are read before or after it. */
static int find_nocase(struct reader *r, uint32_t node, struct alternative *a)
{
        uint32_t found;

        if (json_member(&r->tape, node, "nocase", &found) != 0)
                return 0;
        return reader_bool(r, found, &a->nocase);
}

static const struct member ALTERNATIVE_MEMBERS[] = {
        {"path", read_path, false},         {"document", read_document, false},
        {"above", read_above, false},       {"envelope", read_envelope, false},
        {"template", read_template, false}, {"json", read_json, false},
        {"capture", read_capture, false},   {"as", read_as, false},
        {"map", read_map, false},           {"nocase", NULL, false},
        {"else", read_else, false},
};
#define N_WAYS 5U /* the first ones: where the value comes from */

static bool has_member(const struct reader *r, uint32_t node, const char *name)
{
        uint32_t found;

        return json_member(&r->tape, node, name, &found) == 0;
}

/* What is wrong with the keys together, though each is right. */
static void check_alternative(struct reader *r, uint32_t node, const struct alternative *a)
{
        const struct path *p = a->place.path;
        unsigned ways = 0;

        for (unsigned i = 0; i < N_WAYS; i++)
                ways += has_member(r, node, ALTERNATIVE_MEMBERS[i].name);
        if (ways != 1)
                reader_complain(r, node,
                                "a mapped value has exactly one of \"path\", \"document\", "
                                "\"above\", \"envelope\", \"template\"; put several into a list: "
                                "the first that gives something wins");
        else if (p && p->pointer.wild && a->place.origin != ORIGIN_ELEMENT)
                reader_complain(r, node,
                                "\"*\" names many values, and is for \"path\" only: the parts of "
                                "a message would all walk the same list");
        if (has_member(r, node, "json") && has_member(r, node, "template"))
                reader_complain(r, node,
                                "\"json\" reads the text at a path; a template is no such text");
        if (!a->cases && has_member(r, node, "else"))
                reader_complain(r, node, "\"else\" belongs to a \"map\"");
        if (!a->cases && has_member(r, node, "nocase"))
                reader_complain(r, node, "\"nocase\" belongs to a \"map\"");
}

static int alternative_read(struct reader *r, uint32_t node, void *target)
{
        struct mapping *m = target;
        struct alternative *a = &m->items[m->n++];
        int k;

        if (r->tape.nodes[node].kind == JSON_STRING)
                return reader_text(r, node, CONSTANT_BYTES, &a->constant);
        if (r->tape.nodes[node].kind != JSON_OBJECT) {
                reader_complain(r, node,
                                "a value comes from a constant text, {\"path\": ...}, "
                                "{\"document\": ...}, {\"above\": ...}, {\"envelope\": ...}, "
                                "{\"template\": ...}, or a list of them");
                return 0;
        }
        k = find_nocase(r, node, a);
        if (k == 0)
                k = reader_object(r, node, "a mapped value", ALTERNATIVE_MEMBERS,
                                  ARRAY_LEN(ALTERNATIVE_MEMBERS), a);
        if (k == 0)
                check_alternative(r, node, a);
        return k;
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

        p->origin = ORIGIN_DOCUMENT;
        return reader_path(r, node, &p->path);
}

static int read_place_above(struct reader *r, uint32_t node, void *target)
{
        struct place *p = target;

        p->origin = ORIGIN_ABOVE;
        return reader_path(r, node, &p->path);
}

static int read_place_envelope(struct reader *r, uint32_t node, void *target)
{
        struct place *p = target;

        p->origin = ORIGIN_ENVELOPE;
        return reader_path(r, node, &p->path);
}

int place_read(struct reader *r, uint32_t node, struct place *ret)
{
        static const struct member MEMBERS[] = {
                {"document", read_place_document, false},
                {"above", read_place_above, false},
                {"envelope", read_place_envelope, false},
        };

        *ret = (struct place){0};
        if (r->tape.nodes[node].kind != JSON_OBJECT)
                return reader_path(r, node, &ret->path);
        if (r->tape.nodes[node].count != 1)
                reader_complain(r, node,
                                "a place is a path, or an object with exactly one of "
                                "\"document\", \"above\", \"envelope\"");
        return reader_object(r, node, "a place", MEMBERS, ARRAY_LEN(MEMBERS), ret);
}
