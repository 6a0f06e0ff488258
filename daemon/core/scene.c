/* Finds values for adapters. What the parts of a frame share is looked up, decoded and parsed once:
 * 5,000 parts may ask for the same long text. */
#include "daemon/core/scene.h"

#include <errno.h>
#include <string.h>

void scene_begin(struct scene *s, struct arena *frame_arena, struct arena *part_arena)
{
        s->frame_arena = frame_arena;
        s->part_arena = part_arena;
        s->element.frame_arena = s->element.part_arena = part_arena;
        s->document.frame_arena = s->document.part_arena = frame_arena;
        s->envelope.frame_arena = s->envelope.part_arena = frame_arena;
        s->above.frame_arena = s->above.part_arena = frame_arena;
}

void scene_done(struct scene *s)
{
        view_done(&s->element);
        view_done(&s->document);
        view_done(&s->envelope);
        view_done(&s->above);
        for (unsigned i = 0; i < INNER_MAX; i++)
                json_tape_done(&s->inner[i].tape);
}

int scene_prepare(struct scene *s, size_t n_paths)
{
        int r;

        r = view_prepare(&s->document, n_paths);
        if (r == 0)
                r = view_prepare(&s->envelope, n_paths);
        return r < 0 ? r : view_prepare(&s->above, n_paths);
}

/* A frame is a wrapper if it says that it is a CloudEvent and has data with something in it. */
static bool find_data(const struct json_tape *t, uint32_t *ret)
{
        uint32_t version;

        return t->nodes[0].kind == JSON_OBJECT && json_member(t, 0, "specversion", &version) == 0 &&
               t->nodes[version].kind == JSON_STRING && json_member(t, 0, "data", ret) == 0 &&
               (t->nodes[*ret].kind == JSON_OBJECT || t->nodes[*ret].kind == JSON_ARRAY);
}

void scene_document(struct scene *s, uint32_t document, uint64_t stamp)
{
        s->document.element = document;
        s->document.part_stamp = stamp;
}

uint32_t scene_frame(struct scene *s, const struct json_tape *t, uint64_t stamp)
{
        uint32_t message = 0;

        s->wrapped = find_data(t, &message);
        if (!s->wrapped)
                message = 0;
        s->element.tape = s->document.tape = s->envelope.tape = s->above.tape = t;
        s->envelope.part_stamp = stamp;
        scene_document(s, message, stamp);
        s->above.frame_stamp = stamp;
        s->n_around = 0;
        return message;
}

static bool may_be_mapped(const struct json_tape *t, uint32_t node)
{
        const struct json_node *n = &t->nodes[node];

        return n->kind != JSON_STRING || n->length / 6 <= LIMIT_MAPPED_TEXT; /* "\u0041" is "A" */
}

/* The nearest object around the element that has the path, and not with null. What was found for
 * the neighbours in this frame is not decoded again, and the message is searched once a frame. */
static int above_look_up(struct scene *s, const struct path *p, struct remembered *m)
{
        bool known = m->present && m->stamp > s->above.frame_stamp;
        uint32_t node, before = m->value.node;
        int r;

        m->present = false;
        for (unsigned i = 0; i < s->n_around; i++) {
                if (s->around[i] == s->document.element) {
                        r = view_find(&s->document, p, &m->value);
                        m->present = r == 0 && m->value.kind != JSON_NULL;
                        return MIN(r, 0);
                }
                if (json_find(s->above.tape, s->around[i], &p->pointer, &node) != 0 ||
                    s->above.tape->nodes[node].kind == JSON_NULL)
                        continue;
                if (!may_be_mapped(s->above.tape, node))
                        return 0;
                m->present = true;
                if (known && before == node)
                        return 0;
                return value_of_node(s->above.tape, node, s->frame_arena, &m->value);
        }
        return 0;
}

static int find_above(struct scene *s, const struct path *p, struct value *ret)
{
        struct remembered *m = &s->above.memory[p->number];
        int r;

        if (m->stamp != s->above.part_stamp) {
                r = above_look_up(s, p, m);
                if (r < 0)
                        return r;
                m->stamp = s->above.part_stamp;
        }
        if (!m->present)
                return VIEW_E_ABSENT;
        *ret = m->value;
        return 0;
}

int place_find(const struct place *p, struct scene *s, struct value *ret)
{
        switch (p->origin) {
        case ORIGIN_DOCUMENT:
                return view_find(&s->document, p->path, ret);
        case ORIGIN_ABOVE:
                return find_above(s, p->path, ret);
        case ORIGIN_ENVELOPE:
                return s->wrapped ? view_find(&s->envelope, p->path, ret) : VIEW_E_ABSENT;
        case ORIGIN_ELEMENT:
        default:
                return view_find(&s->element, p->path, ret);
        }
}

/* The text is the element's own for a part, and everybody's otherwise. */
static int inner_read(struct scene *s, const struct place *from, const struct value *text,
                      struct inner **ret)
{
        uint64_t stamp =
                from->origin == ORIGIN_ELEMENT ? s->element.part_stamp : s->document.part_stamp;
        struct problem problem;
        struct inner *i;
        int r;

        for (unsigned n = 0; n < INNER_MAX; n++)
                if (s->inner[n].stamp == stamp && s->inner[n].node == text->node) {
                        *ret = &s->inner[n];
                        return 0;
                }
        i = &s->inner[s->next_inner++ % INNER_MAX];
        r = json_tape_parse(&i->tape, text->text.data, text->text.size, &problem);
        if (r < 0)
                return r;
        i->readable = r == 0;
        i->node = text->node;
        i->stamp = stamp;
        *ret = i;
        return 0;
}

int scene_find_within(struct scene *s, const struct place *from, const struct value *text,
                      const struct path *p, struct value *ret)
{
        struct inner *inner = NULL;
        uint32_t node;
        int r;

        if (text->kind != JSON_STRING || text->text.size > LIMIT_JSON_IN_TEXT ||
            text->node == NODE_NONE)
                return VIEW_E_ABSENT;
        r = inner_read(s, from, text, &inner);
        if (r < 0)
                return r;
        if (!inner->readable || json_find(&inner->tape, 0, &p->pointer, &node) != 0 ||
            inner->tape.nodes[node].kind >= JSON_ARRAY || !may_be_mapped(&inner->tape, node))
                return VIEW_E_ABSENT;
        r = value_of_node(&inner->tape, node, s->part_arena, ret);
        ret->node = NODE_NONE; /* it is on another tape */
        return r;
}
