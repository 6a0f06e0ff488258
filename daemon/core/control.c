/* Reads "controls", and finds those of an event. */
#include "daemon/core/control.h"

#include <errno.h>
#include <string.h>

#define CONTROL_BYTES 200U /* of a constant */
#define DROPPED_BYTES 100U /* shown of what is no control */
#define VALUES_MAX    64U /* looked at of one place: a list may be long, and shared by 5,000 parts */

static int read_path(struct reader *r, uint32_t node, void *target)
{
        struct control_source *s = target;

        return reader_path(r, node, &s->path);
}

static int read_edition(struct reader *r, uint32_t node, void *target)
{
        struct control_source *s = target;
        int64_t year = 0;

        if (json_int64(&r->tape, node, &year) == 0 && year == 2013)
                s->edition = EDITION_2013;
        else if (year == 2022)
                s->edition = EDITION_2022;
        else
                reader_complain(
                        r, node,
                        "\"edition\" is 2013 or 2022; without it the number tells: A.12.4.4 "
                        "is of 2013, A.8.17 of 2022");
        return 0;
}

static int read_capture(struct reader *r, uint32_t node, void *target)
{
        struct control_source *s = target;

        return pattern_read(r, node, false, 1, &s->capture);
}

static int read_to(struct reader *r, uint32_t node, void *target)
{
        char names[ANNEX_NAMES_MAX][ANNEX_NAME_BYTES];
        struct control_case *c = target;
        struct text *to = &c->to[c->n_to];
        unsigned n;
        int k;

        k = reader_text(r, node, CONTROL_BYTES, to);
        if (k < 0 || !to->data)
                return k;
        c->n_to++;
        if (annex_find(to, EDITION_2022, names) > 0)
                return 0;
        n = annex_find(to, EDITION_2013, names);
        reader_complain(r, node,
                        "\"to\" names a control of Annex A as of 2022, such as \"A.8.9\"%s%s%s",
                        n > 0 ? "; of the 2013 edition's number it would be \"" : "",
                        n > 0 ? names[0] : "", n > 0 ? "\"" : "");
        return 0;
}

static int case_read_to(struct reader *r, uint32_t node, void *target)
{
        struct control_case *c = target;

        c->to = arena_array(r->arena, reader_length(r, node), sizeof(*c->to));
        if (!c->to)
                return -ENOMEM;
        return reader_list(r, node, read_to, c);
}

static int case_read(struct reader *r, uint32_t node, void *target)
{
        static const struct member MEMBERS[] = {{"to", case_read_to, true}, OPERATION_MEMBERS};
        struct control_source *s = target;
        struct control_case *c = &s->cases[s->n_cases++];
        int k;

        k = reader_object(r, node, "a case of a map of controls", MEMBERS, ARRAY_LEN(MEMBERS), c);
        if (k < 0 || r->tape.nodes[node].kind != JSON_OBJECT)
                return k;
        return tests_read(r, node, &c->tests);
}

static int read_map(struct reader *r, uint32_t node, void *target)
{
        struct control_source *s = target;

        s->cases = arena_array(r->arena, reader_length(r, node), sizeof(*s->cases));
        if (!s->cases)
                return -ENOMEM;
        return reader_list(r, node, case_read, s);
}

/* What looks like a number of Annex A is one of 2022; anything else is the organisation's own. */
static void constant_check(struct reader *r, uint32_t node, const struct text *t)
{
        char names[ANNEX_NAMES_MAX][ANNEX_NAME_BYTES];
        unsigned n;

        if (t->size < 3 || strncmp(t->data, "A.", 2) != 0 || t->data[2] < '0' || t->data[2] > '9')
                return;
        n = annex_find(t, EDITION_BY_NUMBER, names);
        if (n == 0)
                reader_complain(r, node,
                                "Annex A of 2022 has no control \"%s\": there are A.5.1 to A.5.37, "
                                "A.6.1 to A.6.8, A.7.1 to A.7.14 and A.8.1 to A.8.34",
                                t->data);
        else if (strcmp(names[0], t->data) != 0)
                reader_complain(r, node,
                                "\"%s\" is a control of 2013; in the edition of 2022 it is %s%s",
                                t->data, names[0], n > 1 ? " (and others)" : "");
}

static int source_read(struct reader *r, uint32_t node, void *target)
{
        static const struct member MEMBERS[] = {
                {"path", read_path, true},
                {"edition", read_edition, false},
                {"capture", read_capture, false},
                {"map", read_map, false},
        };
        struct controls *c = target;
        struct control_source *s = &c->items[c->n++];
        int k;

        if (r->tape.nodes[node].kind == JSON_OBJECT) {
                k = reader_object(r, node, "a control that events name", MEMBERS,
                                  ARRAY_LEN(MEMBERS), s);
                if (s->cases && s->edition != EDITION_BY_NUMBER)
                        reader_complain(r, node,
                                        "\"edition\" has no meaning beside \"map\", whose \"to\" "
                                        "names controls of 2022");
                return k;
        }
        if (r->tape.nodes[node].kind != JSON_STRING) {
                reader_complain(r, node,
                                "a control is a text, such as \"A.8.9\", or {\"path\": ...}, whose "
                                "values in the event name controls");
                return 0;
        }
        k = reader_text(r, node, CONTROL_BYTES, &s->constant);
        if (k == 0 && s->constant.data) {
                constant_check(r, node, &s->constant);
                c->constants[c->n_constants++] = s->constant;
        }
        return k;
}

void texts_to_json(const struct text *list, unsigned n, struct buffer *b)
{
        buffer_add_char(b, '[');
        for (unsigned i = 0; i < n; i++) {
                if (i > 0)
                        buffer_add_char(b, ',');
                buffer_add_json_string(b, list[i].data, list[i].size);
        }
        buffer_add_char(b, ']');
}

static int keep_text(struct controls *c, struct arena *a)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;

        texts_to_json(c->constants, c->n_constants, &b);
        return buffer_status(&b) < 0 ? -ENOMEM : arena_text(a, b.data, b.size, &c->text);
}

int controls_read(struct reader *r, uint32_t node, struct controls *ret)
{
        unsigned n = reader_length(r, node);
        int k;

        *ret = (struct controls){0};
        ret->items = arena_array(r->arena, n, sizeof(*ret->items));
        ret->constants = arena_array(r->arena, n, sizeof(*ret->constants));
        if (!ret->items || !ret->constants)
                return -ENOMEM;
        if (n > CONTROLS_MAX)
                reader_complain(r, node, "a rule names at most %u controls", CONTROLS_MAX);
        k = reader_list(r, node, source_read, ret);
        return k < 0 ? k : keep_text(ret, r->arena);
}

struct search { /* for the controls of one event */
        const struct control_source *source;
        struct view *view;
        struct arena *arena;
        struct found_controls *found;
        unsigned n_values; /* of the source */
        unsigned room;     /* for what events name */
};

static bool is_found(const struct found_controls *f, const struct text *t)
{
        for (unsigned i = 0; i < f->n; i++)
                if (f->items[i].size == t->size && memcmp(f->items[i].data, t->data, t->size) == 0)
                        return true;
        return false;
}

static void add(struct found_controls *f, const struct text *t)
{
        if (f->n < CONTROLS_MAX && !is_found(f, t))
                f->items[f->n++] = *t;
}

/* The rule's own are never crowded out by those of an event. */
static void add_taken(struct search *s, const struct text *t)
{
        if (s->found->n_taken == s->room || is_found(s->found, t))
                return;
        s->found->n_taken++;
        add(s->found, t);
}

static int add_dropped(struct search *s, const struct text *t)
{
        struct text head = text_head(t, DROPPED_BYTES);

        if (s->found->n_dropped++ >= CONTROLS_MAX)
                return 0;
        return arena_text(s->arena, head.data, head.size,
                          &s->found->dropped[s->found->n_dropped - 1]);
}

/* A number is no name: what was 8.10 may have become 8.1 on its way. */
static int add_named(struct search *s, const struct value *value)
{
        char names[ANNEX_NAMES_MAX][ANNEX_NAME_BYTES];
        unsigned n = value->kind == JSON_STRING
                             ? annex_find(&value->text, s->source->edition, names)
                             : 0;

        for (unsigned i = 0; i < n; i++) {
                struct text name;
                int r;

                r = arena_text(s->arena, names[i], strlen(names[i]), &name);
                if (r < 0)
                        return r;
                add_taken(s, &name);
        }
        return n > 0 ? 0 : add_dropped(s, &value->text);
}

static void add_mapped(struct search *s, const struct value *value)
{
        for (unsigned i = 0; i < s->source->n_cases; i++) {
                const struct control_case *c = &s->source->cases[i];

                if (tests_of_value(&c->tests, s->view->tape, value) != TRUTH_YES)
                        continue;
                for (unsigned n = 0; n < c->n_to; n++)
                        add_taken(s, &c->to[n]);
                return;
        }
}

/* What is at the place, or one of the list there. */
static int consider_one(struct search *s, struct value value)
{
        regmatch_t groups[2];

        if (value.kind == JSON_NULL || (value.kind == JSON_STRING && value.text.size == 0))
                return 0;
        if (s->source->capture) {
                if (value.kind != JSON_STRING ||
                    !pattern_matches(s->source->capture, &value.text, groups, 2) ||
                    groups[1].rm_so < 0)
                        return 0;
                value.text.data += groups[1].rm_so;
                value.text.size = (size_t) (groups[1].rm_eo - groups[1].rm_so);
        }
        if (!s->source->cases)
                return add_named(s, &value);
        add_mapped(s, &value);
        return 0;
}

static int consider_list(struct search *s, uint32_t list)
{
        const struct json_tape *t = s->view->tape;
        uint32_t c = json_first(t, list);

        for (uint32_t i = 0; i < t->nodes[list].count && s->n_values++ < VALUES_MAX;
             i++, c = t->nodes[c].next) {
                struct value value;
                int r;

                r = value_of_node(t, c, s->arena, &value);
                if (r == 0)
                        r = consider_one(s, value);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int consider(const struct value *value, void *userdata)
{
        struct search *s = userdata;
        int r;

        if (value->kind == JSON_ARRAY && value->node != NODE_NONE)
                r = consider_list(s, value->node);
        else
                r = s->n_values++ < VALUES_MAX ? consider_one(s, *value) : 0;
        return r < 0 ? r : s->n_values >= VALUES_MAX || s->found->n == CONTROLS_MAX;
}

static int source_find(struct search *s)
{
        const struct path *p = s->source->path;
        struct value value;
        int r;

        if (p->pointer.wild) {
                r = view_each(s->view, p, consider, s);
        } else {
                r = view_find(s->view, p, &value);
                if (r == 0)
                        r = consider(&value, s);
        }
        return MIN(r, 0);
}

int controls_find(const struct controls *c, struct view *v, struct arena *a,
                  struct found_controls *ret)
{
        *ret = (struct found_controls){0};
        for (unsigned i = 0; i < c->n; i++) {
                struct search s = {
                        .source = &c->items[i],
                        .view = v,
                        .arena = a,
                        .found = ret,
                        .room = CONTROLS_MAX - c->n_constants,
                };
                int r;

                if (!s.source->path) {
                        add(ret, &s.source->constant);
                        continue;
                }
                r = source_find(&s);
                if (r < 0)
                        return r;
        }
        return 0;
}
