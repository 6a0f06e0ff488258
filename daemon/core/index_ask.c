/* Asks the index which rules an event has to meet. */
#include <errno.h>

#include "daemon/core/index.h"
#include "proto/base/limits.h"
#include "proto/base/util.h"

#define SEARCHED_BYTES 64U /* looking at these takes about as long as one rule does */

struct asking { /* about one event */
        const struct index *index;
        struct view *view;
        struct candidates *candidates;
        const struct index_place *place;   /* of the value at hand */
        const struct index_parent *parent; /* of the names at hand */
};

static void candidates_add(struct candidates *c, unsigned rule)
{
        if (c->stamps[rule] == c->stamp)
                return;
        c->stamps[rule] = c->stamp;
        c->rules[c->n++] = rule;
}

static void candidates_add_list(struct candidates *c, const struct rule_list *rules)
{
        for (unsigned i = 0; i < rules->n; i++)
                candidates_add(c, rules->items[i]);
}

static void ask_key(const struct asking *q, uint64_t key)
{
        if (q->index->filter[index_filter_word(key)] & index_filter_bit(key))
                candidates_add_list(q->candidates, &index_slot(q->index, key)->rules);
}

static unsigned place_number(const struct asking *q)
{
        return (unsigned) (q->place - q->index->places);
}

static void ask_ends(const struct asking *q, const struct text *text)
{
        const struct sizes *heads = &q->place->heads, *tails = &q->place->tails;
        unsigned place = place_number(q);

        for (unsigned i = 0; i < heads->n; i++)
                if (heads->items[i] <= text->size)
                        ask_key(q, key_of_text(KEY_HEAD, place,
                                               &(struct text){text->data, heads->items[i]}));
        for (unsigned i = 0; i < tails->n; i++)
                if (tails->items[i] <= text->size)
                        ask_key(q, key_of_text(KEY_TAIL, place,
                                               &(struct text){
                                                       text->data + text->size - tails->items[i],
                                                       tails->items[i],
                                               }));
}

/* No operator that needs a piece looks further than "contains". A long text is given to the rules
 * themselves where they are few: it may be shared by all parts of a message. */
static void ask_pieces(const struct asking *q, const struct text *text)
{
        const struct index_place *p = q->place;
        size_t size = MIN(text->size, (size_t) LIMIT_CONTAINS_TEXT);

        if (size * p->pieces.n > (size_t) SEARCHED_BYTES * p->searchers.n) {
                candidates_add_list(q->candidates, &p->searchers);
                return;
        }
        for (unsigned i = 0; i < p->pieces.n; i++) {
                unsigned order = p->pieces.items[i];
                uint64_t salt = key_piece_salt(place_number(q), order);

                for (size_t at = 0; at + ((size_t) 1 << order) <= size; at++)
                        ask_key(q, key_of_piece(salt, order, text->data + at));
        }
}

static void ask_networks(const struct asking *q, const struct text *text)
{
        uint8_t address[16];

        if (q->place->networks.n == 0 || !address_read(text, address))
                return;
        for (unsigned i = 0; i < q->place->networks.n; i++)
                ask_key(q, key_of_network(place_number(q), address, q->place->networks.items[i]));
}

static void ask_thresholds(const struct asking *q, const struct text *number)
{
        const struct thresholds *floors = &q->place->floors, *ceilings = &q->place->ceilings;

        for (unsigned i = 0; i < floors->n; i++) {
                const struct threshold *t = &floors->items[i];

                if (json_number_compare(number->data, number->size, t->number->data,
                                        t->number->size) < 0)
                        break;
                candidates_add(q->candidates, t->rule);
        }
        for (unsigned i = 0; i < ceilings->n; i++) {
                const struct threshold *t = &ceilings->items[i];

                if (json_number_compare(number->data, number->size, t->number->data,
                                        t->number->size) > 0)
                        break;
                candidates_add(q->candidates, t->rule);
        }
}

static int ask_elements(const struct asking *q, uint32_t list)
{
        const struct json_tape *t = q->view->tape;
        uint32_t node = json_first(t, list);

        for (uint32_t i = 0; i < t->nodes[list].count; i++, node = t->nodes[node].next) {
                struct value element;

                if (value_of_node(t, node, q->view->part_arena, &element) < 0)
                        return -ENOMEM;
                ask_key(q, key_of_value(KEY_ELEMENT, place_number(q), element.kind, &element.text));
        }
        return 0;
}

static int ask_value(const struct value *value, void *userdata)
{
        struct asking *q = userdata;

        if (value->kind == JSON_STRING) {
                ask_ends(q, &value->text);
                ask_pieces(q, &value->text);
                ask_networks(q, &value->text);
        }
        if (value->kind == JSON_NUMBER)
                ask_thresholds(q, &value->text);
        if (value->kind == JSON_ARRAY && q->place->elements)
                return ask_elements(q, value->node);
        if (q->place->values &&
            (value->kind != JSON_STRING || value->text.size <= q->place->longest))
                ask_key(q, key_of_value(KEY_VALUE, place_number(q), value->kind, &value->text));
        return 0;
}

static int ask_place(struct asking *q)
{
        const struct path *path = q->place->path;
        struct value value;
        int r;

        if (path->pointer.wild)
                return view_each(q->view, path, ask_value, q);
        r = view_find(q->view, path, &value);
        if (r != 0)
                return MIN(r, 0);
        return ask_value(&value, q);
}

static int ask_name(const struct text *name, void *userdata)
{
        const struct asking *q = userdata;

        ask_key(q, key_of_member(q->parent->hash, name));
        return 0;
}

/* An object with more members than there are rules about them: then it has them all. */
static int ask_parent(struct asking *q)
{
        int r = view_names(q->view, &q->parent->path, q->parent->rules.n, ask_name, q);

        if (r == VIEW_E_MANY)
                candidates_add_list(q->candidates, &q->parent->rules);
        return MIN(r, 0);
}

int index_find(const struct index *x, struct view *v, const char *adapter, struct candidates *ret)
{
        struct asking q = {.index = x, .view = v, .candidates = ret};
        int r = 0;

        ret->n = 0;
        candidates_add_list(ret, &x->residue);
        ask_key(&q, index_adapter(adapter));
        for (unsigned i = 0; r == 0 && i < x->n_places; i++) {
                q.place = &x->places[i];
                r = ask_place(&q);
        }
        for (unsigned i = 0; r == 0 && i < x->n_parents; i++) {
                q.parent = &x->parents[i];
                r = ask_parent(&q);
        }
        return r;
}
