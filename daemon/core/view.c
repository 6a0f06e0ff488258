/* Finds values for rules and adapters. Its memory keeps a path that many rules name from being
 * walked for each of them. */
#include "daemon/core/view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/util.h"

struct target {    /* where a path leads in this view */
        bool made; /* value holds it */
        struct value value;
        uint32_t base;
        const struct json_pointer *pointer;
};

int view_prepare(struct view *v, size_t n_paths)
{
        struct remembered *memory;

        if (n_paths <= v->n_memory)
                return 0;
        memory = reallocarray(v->memory, n_paths, sizeof(*memory));
        if (!memory)
                return -ENOMEM;
        memset(memory + v->n_memory, 0, (n_paths - v->n_memory) * sizeof(*memory));
        v->memory = memory;
        v->n_memory = n_paths;
        return 0;
}

void view_done(struct view *v)
{
        free(v->memory);
        buffer_done(&v->scratch);
}

static void value_of_plain(const struct json_tape *t, uint32_t node, struct value *ret)
{
        const struct json_node *n = &t->nodes[node];

        *ret = (struct value){
                .kind = n->kind,
                .text = {t->text + n->offset, n->length},
                .node = node,
        };
}

int value_of_node(const struct json_tape *t, uint32_t node, struct arena *a, struct value *ret)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;

        value_of_plain(t, node, ret);
        if (ret->kind != JSON_STRING || !t->nodes[node].escaped)
                return 0;
        json_string_decode(t, node, &b);
        if (buffer_status(&b) < 0)
                return -ENOMEM;
        return arena_text(a, b.data, b.size, &ret->text);
}

static const struct mapped *view_mapped(const struct view *v, const struct path *p)
{
        if (p->head < PATH_ENVELOPE_MAX)
                return &v->envelope[p->head];
        if (p->pointer.segments[0].any)
                return NULL;
        for (unsigned i = 0; i < v->n_fields; i++)
                if (strcmp(v->field_names[i], p->pointer.segments[0].name) == 0)
                        return &v->fields[i];
        return NULL;
}

static int view_target(const struct view *v, const struct path *p, struct target *ret)
{
        const struct mapped *m;

        *ret = (struct target){.pointer = &p->tail};
        if (!v->adapted) {
                ret->base = v->element;
                ret->pointer = &p->pointer;
                return 0;
        }
        if (p->head == PATH_DOCUMENT) {
                ret->base = v->message;
                return 0;
        }
        if (p->head == PATH_ENVELOPE)
                return v->wrapped ? 0 : VIEW_E_ABSENT;
        if (p->head == PATH_DATA) {
                ret->base = v->element;
                return 0;
        }
        if (p->head == PATH_PARENT) {
                ret->base = v->parent;
                return v->parent == NODE_NONE ? VIEW_E_ABSENT : 0;
        }
        m = view_mapped(v, p);
        if (!m || !m->present)
                return VIEW_E_ABSENT;
        if (p->tail.n_segments == 0) {
                ret->made = true;
                ret->value = m->value;
                return 0;
        }
        ret->base = m->value.node;
        return m->value.node == NODE_NONE ? VIEW_E_ABSENT : 0;
}

static int view_look_up(struct view *v, const struct path *p, struct arena *a, struct value *ret)
{
        struct target target;
        uint32_t node;
        int r;

        r = view_target(v, p, &target);
        if (r != 0)
                return VIEW_E_ABSENT;
        if (target.made) {
                *ret = target.value;
                return 0;
        }
        r = json_find(v->tape, target.base, target.pointer, &node);
        if (r != 0)
                return r < 0 ? r : VIEW_E_ABSENT;
        return value_of_node(v->tape, node, a, ret);
}

/* Until when a looked-up value stays true, and where its text may lie so long. What many parts
 * share is decoded once: else a long text would be decoded 5,000 times. */
static uint64_t view_stamp(const struct view *v, const struct path *p, struct arena **ret_arena)
{
        *ret_arena = v->frame_arena;
        if (v->adapted && (p->head == PATH_DOCUMENT || p->head == PATH_ENVELOPE))
                return v->frame_stamp;
        if (v->adapted && p->head == PATH_PARENT)
                return v->parent_stamp;
        *ret_arena = v->part_arena;
        return v->part_stamp;
}

int view_find(struct view *v, const struct path *p, struct value *ret)
{
        struct arena *a;
        uint64_t stamp = view_stamp(v, p, &a);
        struct remembered *m;
        int r;

        if (p->number >= v->n_memory)
                return view_look_up(v, p, a, ret);
        m = &v->memory[p->number];
        if (m->stamp != stamp) {
                r = view_look_up(v, p, a, &m->value);
                if (r < 0)
                        return r;
                m->present = r == 0;
                m->stamp = stamp;
        }
        if (!m->present)
                return VIEW_E_ABSENT;
        *ret = m->value;
        return 0;
}

static int scratch_decode(struct view *v, uint32_t node, struct text *ret)
{
        buffer_clear(&v->scratch);
        json_string_decode(v->tape, node, &v->scratch);
        if (buffer_status(&v->scratch) < 0)
                return -ENOMEM;
        *ret = (struct text){v->scratch.data, v->scratch.size};
        return 0;
}

struct each {
        struct view *view;
        int (*fn)(const struct value *value, void *userdata);
        void *userdata;
};

static int each_node(const struct json_tape *t, uint32_t node, void *userdata)
{
        struct each *e = userdata;
        struct value value;

        value_of_plain(t, node, &value);
        if (value.kind == JSON_STRING && t->nodes[node].escaped &&
            scratch_decode(e->view, node, &value.text) < 0)
                return -ENOMEM;
        return e->fn(&value, e->userdata);
}

int view_each(struct view *v, const struct path *p,
              int (*fn)(const struct value *value, void *userdata), void *userdata)
{
        struct each each = {v, fn, userdata};
        struct target target;

        if (view_target(v, p, &target) != 0)
                return 0;
        if (target.made)
                return fn(&target.value, userdata);
        return json_find_each(v->tape, target.base, target.pointer, each_node, &each);
}

/* All that a path of an adapter's event can begin with. Names that lead nowhere in this one do no
 * harm: who asks for names asks what may be there. */
static int view_heads(const struct view *v, int (*fn)(const struct text *name, void *userdata),
                      void *userdata)
{
        int r = 0;

        for (enum path_head h = 0; r == 0 && h < PATH_FIELD; h++) {
                const char *name = path_head_name(h);

                if (h >= PATH_ENVELOPE_MAX || v->envelope[h].present)
                        r = fn(&(struct text){name, strlen(name)}, userdata);
        }
        for (unsigned i = 0; r == 0 && i < v->n_fields; i++)
                if (v->fields[i].present)
                        r = fn(&(struct text){v->field_names[i], strlen(v->field_names[i])},
                               userdata);
        return r;
}

static int object_names(struct view *v, uint32_t object,
                        int (*fn)(const struct text *name, void *userdata), void *userdata)
{
        const struct json_tape *t = v->tape;
        uint32_t key = json_first(t, object);
        int r = 0;

        for (uint32_t i = 0; r == 0 && i < t->nodes[object].count; i++) {
                const struct json_node *n = &t->nodes[key];
                struct text name = {t->text + n->offset, n->length};

                if (n->escaped && scratch_decode(v, key, &name) < 0)
                        return -ENOMEM;
                r = fn(&name, userdata);
                key = t->nodes[key + 1].next;
        }
        return r;
}

int view_names(struct view *v, const struct path *p, uint32_t most,
               int (*fn)(const struct text *name, void *userdata), void *userdata)
{
        struct value value = {.kind = JSON_OBJECT, .node = v->element};
        int r;

        if (v->adapted && p->pointer.n_segments == 0)
                return view_heads(v, fn, userdata);
        if (p->pointer.n_segments > 0) {
                r = view_find(v, p, &value);
                if (r != 0)
                        return MIN(r, 0);
        }
        if (value.node == NODE_NONE || v->tape->nodes[value.node].kind != JSON_OBJECT)
                return 0;
        if (v->tape->nodes[value.node].count > most)
                return VIEW_E_MANY;
        return object_names(v, value.node, fn, userdata);
}
