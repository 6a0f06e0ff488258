/* Builds the index. Only hashes are filed, in one table; what is looked up at all is noted beside
 * each path, so that an event pays for what the rules use. index_ask.c asks it. */
#include "daemon/core/index.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/util.h"

struct usage { /* how many tests look at the values of a path */
        const struct path *path;
        unsigned n;
};

void index_done(struct index *x)
{
        for (size_t i = 0; i < x->n_entries; i++)
                free(x->entries[i].rules.items);
        free(x->entries);
        for (unsigned i = 0; i < x->n_places; i++) {
                free(x->places[i].floors.items);
                free(x->places[i].ceilings.items);
                free(x->places[i].searchers.items);
        }
        for (unsigned i = 0; i < x->n_parents; i++)
                free(x->parents[i].rules.items);
        free(x->parents);
        free(x->residue.items);
        *x = (struct index){0};
}

static int rule_list_add(struct rule_list *l, unsigned rule)
{
        if (l->n > 0 && l->items[l->n - 1] == rule)
                return 0;
        if (l->n == l->n_allocated) {
                unsigned n = MAX(4U, 2 * l->n_allocated);
                unsigned *items = reallocarray(l->items, n, sizeof(*items));

                if (!items)
                        return -ENOMEM;
                l->items = items;
                l->n_allocated = n;
        }
        l->items[l->n++] = rule;
        return 0;
}

struct index_entry *index_slot(const struct index *x, uint64_t hash)
{
        size_t i = hash & (x->n_entries - 1);

        while (x->entries[i].rules.n > 0 && x->entries[i].hash != hash)
                i = (i + 1) & (x->n_entries - 1);
        return &x->entries[i];
}

static int index_grow(struct index *x)
{
        struct index_entry *old = x->entries, *entries;
        size_t n_old = x->n_entries, n = MAX((size_t) 64, 2 * n_old);

        entries = calloc(n, sizeof(*entries));
        if (!entries)
                return -ENOMEM;
        x->entries = entries;
        x->n_entries = n;
        for (size_t i = 0; i < n_old; i++)
                if (old[i].rules.n > 0)
                        *index_slot(x, old[i].hash) = old[i];
        free(old);
        return 0;
}

static int index_add(struct index *x, uint64_t hash, unsigned rule)
{
        struct index_entry *e;

        if (2 * (x->n_used + 1) > x->n_entries && index_grow(x) < 0)
                return -ENOMEM;
        e = index_slot(x, hash);
        e->hash = hash;
        x->n_used += e->rules.n == 0;
        x->filter[index_filter_word(hash)] |= index_filter_bit(hash);
        return rule_list_add(&e->rules, rule);
}

unsigned index_place_of(const struct index *x, const struct path *p)
{
        unsigned i = 0;

        while (i < x->n_places && x->places[i].path != p)
                i++;
        return i;
}

unsigned long index_company(const struct index *x, const struct filing *f)
{
        if (f->kind == KEY_FLOOR)
                return x->places[f->place].floors.n;
        if (f->kind == KEY_CEILING)
                return x->places[f->place].ceilings.n;
        return x->n_entries > 0 ? index_slot(x, f->hash)->rules.n : 0;
}

uint64_t index_member(const struct path *p, unsigned n)
{
        uint64_t hash = 0;

        for (unsigned i = 0; i < n; i++) {
                const struct json_segment *s = &p->pointer.segments[i];

                hash = key_of_member(hash, &(struct text){s->name, s->length});
        }
        return hash;
}

uint64_t index_adapter(const char *name)
{
        return key_of_text(KEY_ADAPTER, 0, &(struct text){name, strlen(name)});
}

static void sizes_add(struct sizes *s, unsigned size)
{
        if (!memchr(s->items, (int) size, s->n))
                s->items[s->n++] = (uint8_t) size;
}

static int thresholds_add(struct thresholds *t, const struct text *number, unsigned rule)
{
        if (t->n == t->n_allocated) {
                unsigned n = MAX(16U, 2 * t->n_allocated);
                struct threshold *items = reallocarray(t->items, n, sizeof(*items));

                if (!items)
                        return -ENOMEM;
                t->items = items;
                t->n_allocated = n;
        }
        t->items[t->n++] = (struct threshold){number, rule};
        return 0;
}

/* The object that has the member. It borrows the segments of one of the paths below it. */
static struct index_parent *index_parent(struct index *x, const struct path *p, unsigned n)
{
        uint64_t hash = index_member(p, n);
        struct index_parent *parents;
        struct path *path;

        for (unsigned i = 0; i < x->n_parents; i++)
                if (x->parents[i].hash == hash)
                        return &x->parents[i];
        parents = reallocarray(x->parents, x->n_parents + 1U, sizeof(*parents));
        if (!parents)
                return NULL;
        x->parents = parents;
        parents[x->n_parents] = (struct index_parent){.path = *p, .hash = hash};
        path = &parents[x->n_parents].path;
        path->number = UINT_MAX;
        path->pointer.n_segments = n;
        path->tail.n_segments = n > 0 ? n - 1 : 0;
        path->pointer.wild = path->tail.wild = false;
        return &parents[x->n_parents++];
}

static int file_member(struct index *x, const struct filing *f, unsigned rule)
{
        struct index_parent *parent = index_parent(x, f->path, f->size - 1);

        if (!parent || rule_list_add(&parent->rules, rule) < 0)
                return -ENOMEM;
        return index_add(x, f->hash, rule);
}

static int index_file(struct index *x, const struct filing *f, unsigned rule)
{
        struct index_place *place = &x->places[f->place];

        switch (f->kind) {
        case KEY_FLOOR:
                return thresholds_add(&place->floors, f->text, rule);
        case KEY_CEILING:
                return thresholds_add(&place->ceilings, f->text, rule);
        case KEY_MEMBER:
                return file_member(x, f, rule);
        case KEY_HEAD:
                sizes_add(&place->heads, f->size);
                break;
        case KEY_TAIL:
                sizes_add(&place->tails, f->size);
                break;
        case KEY_PIECE:
                sizes_add(&place->pieces, f->size);
                if (rule_list_add(&place->searchers, rule) < 0)
                        return -ENOMEM;
                break;
        case KEY_NETWORK:
                sizes_add(&place->networks, f->size);
                break;
        case KEY_VALUE:
                place->values = true;
                place->longest = MAX(place->longest, f->text->size);
                break;
        case KEY_ELEMENT:
                place->elements = true;
                break;
        case KEY_ADAPTER:
                break;
        }
        return index_add(x, f->hash, rule);
}

static void count_usages(struct usage *usages, const struct condition *c)
{
        if (c->kind == CONDITION_PATH && filed_by_value(c)) {
                usages[c->path->number].path = c->path;
                usages[c->path->number].n++;
        }
        for (unsigned i = 0; c->kind != CONDITION_NOT && i < c->n_children; i++)
                count_usages(usages, &c->children[i]);
}

static int usage_compare(const void *a, const void *b)
{
        const struct usage *x = a, *y = b;

        return (x->n < y->n) - (x->n > y->n);
}

static size_t count_paths(const struct condition *c)
{
        size_t n = c->path ? c->path->number + 1U : 0;

        for (unsigned i = 0; i < c->n_children; i++)
                n = MAX(n, count_paths(&c->children[i]));
        return n;
}

/* The paths that most tests look at. */
static int choose_places(struct index *x, const struct rule *rules, unsigned n_rules)
{
        cleanup_(free_p) struct usage *usages = NULL;
        size_t n = 0;

        for (unsigned i = 0; i < n_rules; i++)
                n = MAX(n, count_paths(&rules[i].match));
        usages = calloc(n + 1, sizeof(*usages));
        if (!usages)
                return -ENOMEM;
        for (unsigned i = 0; i < n_rules; i++)
                if (rules[i].enabled)
                        count_usages(usages, &rules[i].match);
        qsort(usages, n, sizeof(*usages), usage_compare);
        for (; x->n_places < MIN(n, (size_t) INDEX_PLACES_MAX); x->n_places++) {
                if (usages[x->n_places].n == 0)
                        break;
                x->places[x->n_places].path = usages[x->n_places].path;
        }
        return 0;
}

static int file_rule(struct index *x, const struct rule *rule, unsigned number, struct filings *f)
{
        int r;

        r = filings_of_rule(x, rule, f);
        if (r == 0 && f->n == 0)
                return rule_list_add(&x->residue, number);
        for (size_t i = 0; r == 0 && i < f->n; i++)
                r = index_file(x, &f->items[i], number);
        return r;
}

static int floor_compare(const void *a, const void *b)
{
        const struct threshold *x = a, *y = b;

        return json_number_compare(x->number->data, x->number->size, y->number->data,
                                   y->number->size);
}

static int ceiling_compare(const void *a, const void *b)
{
        return floor_compare(b, a);
}

static void sort_thresholds(struct index_place *p)
{
        if (p->floors.n > 0)
                qsort(p->floors.items, p->floors.n, sizeof(*p->floors.items), floor_compare);
        if (p->ceilings.n > 0)
                qsort(p->ceilings.items, p->ceilings.n, sizeof(*p->ceilings.items),
                      ceiling_compare);
}

int index_build(const struct rule *rules, unsigned n_rules, struct index *ret)
{
        cleanup_(index_done) struct index x = {0};
        cleanup_(filings_done) struct filings filings = {0};

        if (choose_places(&x, rules, n_rules) < 0)
                return -ENOMEM;
        for (unsigned i = 0; i < n_rules; i++)
                if (rules[i].enabled && file_rule(&x, &rules[i], i, &filings) < 0)
                        return -ENOMEM;
        for (unsigned i = 0; i < x.n_places; i++)
                sort_thresholds(&x.places[i]);
        *ret = x;
        x = (struct index){0};
        return 0;
}
