/* Finds such texts, decodes them, and puts what they hold onto the tape. */
#include "daemon/core/opening.h"

#include <errno.h>
#include <stdlib.h>

#include "proto/base/limits.h"

void openings_done(struct openings *o)
{
        buffer_done(&o->text);
        json_tape_done(&o->one);
}

struct search { /* for the texts of one list */
        struct openings *openings;
        unsigned list;
        bool many;
};

static int text_add(const struct json_tape *t, uint32_t node, void *userdata)
{
        struct search *s = userdata;
        struct openings *o = s->openings;

        if (t->nodes[node].kind != JSON_STRING)
                return 0;
        for (unsigned i = 0; i < o->n; i++)
                if (o->items[i].text == node) {
                        o->items[i].lists |= 1U << s->list;
                        return 0;
                }
        if (o->n == OPENINGS_MAX) {
                s->many = true;
                return 1;
        }
        o->items[o->n++] = (struct opening){.text = node, .lists = 1U << s->list};
        return 0;
}

static int opening_compare(const void *a, const void *b)
{
        const struct opening *x = a, *y = b;

        return (x->text > y->text) - (x->text < y->text);
}

static int find_texts(struct openings *o, const struct adapter *a, const struct json_tape *t,
                      uint32_t message)
{
        struct search s = {.openings = o};

        o->n = 0;
        o->unreadable = false;
        for (s.list = 0; s.list < a->n_each; s.list++)
                for (uint32_t d = json_first_document(t, message);
                     a->each[s.list].text && d < t->nodes[message].next; d = t->nodes[d].next)
                        json_find_each(t, d, &a->each[s.list].text->pointer, text_add, &s);
        if (s.many)
                return OPENING_E_MANY;
        qsort(o->items, o->n, sizeof(*o->items), opening_compare);
        return 0;
}

/* Decode all texts behind the frame; those that are too long go. */
static int decode(struct openings *o, const struct json_tape *t)
{
        unsigned n = 0;

        buffer_clear(&o->text);
        buffer_add(&o->text, t->text, t->size);
        for (unsigned i = 0; i < o->n; i++) {
                struct opening opening = o->items[i];

                opening.at = o->text.size;
                if (t->nodes[opening.text].length / 6 <= LIMIT_JSON_IN_TEXT) /* "\u0041" is "A" */
                        json_string_decode(t, opening.text, &o->text);
                opening.size = o->text.size - opening.at;
                if (opening.size == 0 || opening.size > LIMIT_JSON_IN_TEXT)
                        o->unreadable = true;
                else
                        o->items[n++] = opening;
        }
        o->n = n;
        return buffer_status(&o->text);
}

/* Put what the texts hold onto the tape; those that are no JSON go. */
static int append(struct openings *o, struct json_tape *t, uint32_t message)
{
        struct problem problem;
        unsigned n = 0;
        int r;

        for (unsigned i = 0; i < o->n; i++) {
                struct opening opening = o->items[i];
                struct way way = {.depth = 0};

                r = json_tape_parse(&o->one, o->text.data + opening.at, opening.size, &problem);
                if (r < 0)
                        return r;
                if (r > 0) {
                        o->unreadable = true;
                        continue;
                }
                way_find(&way, t, message, opening.text);
                opening.n_around = way_objects(&way, t, opening.around);
                opening.place = (struct json_place){t->nodes[opening.text].offset, 0};
                r = json_tape_append(t, &o->one, o->text.data, opening.at, &opening.root);
                if (r < 0)
                        return r;
                o->items[n++] = opening;
        }
        o->n = n;
        return 0;
}

int openings_make(struct openings *o, const struct adapter *a, struct json_tape *t,
                  uint32_t message)
{
        int r;

        r = find_texts(o, a, t, message);
        if (r != 0 || o->n == 0)
                return r;
        r = decode(o, t);
        return r < 0 ? r : append(o, t, message);
}

struct opening *opening_of(struct openings *o, const struct json_tape *t, uint32_t node)
{
        for (unsigned i = 0; i < o->n; i++)
                if (o->items[i].root <= node && node < t->nodes[o->items[i].root].next)
                        return &o->items[i];
        return NULL;
}

void opening_place(struct opening *o, const struct json_tape *t, uint32_t node, size_t *ret_offset,
                   size_t *ret_size)
{
        struct json_place end;
        const char *slice;
        size_t size, decoded;

        json_slice(t, node, &slice, &size);
        decoded = (size_t) (slice - t->text) - o->at;
        json_string_advance(t, o->text, &o->place, decoded);
        end = o->place;
        json_string_advance(t, o->text, &end, decoded + size);
        *ret_offset = o->place.raw;
        *ret_size = end.raw - o->place.raw;
}
