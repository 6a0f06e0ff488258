/* Builds and asks the index. Only hashes are filed, of the text with its ASCII letters in lower
 * case: a false hit costs one evaluation, never a wrong match. */
#include "daemon/core/index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ADAPTER_PLACE UINT32_MAX /* stands for "the event's adapter" where a path number stands */
#define FILED_MAX     64U        /* values that one rule may be filed under */

struct filing {                  /* one value that a match needs */
        uint32_t place;          /* path number, or ADAPTER_PLACE */
        const struct path *path; /* NULL for ADAPTER_PLACE */
        uint64_t hash;
        size_t size;
};

struct filings { /* any of these: one set that covers all ways to match */
        struct filing items[FILED_MAX];
        unsigned n;
        unsigned long crowd; /* rules already filed at the fullest of them */
};

struct usage { /* how many rules could be filed at a path */
        const struct path *path;
        unsigned n;
};

struct builder {
        struct index *index;
        struct usage *usages; /* by path number, then sorted */
        size_t n_usages;
        bool counting; /* first pass: count usages, every path allowed */
};

static uint64_t filed_hash(uint32_t place, const char *text, size_t size)
{
        uint64_t h = 0xcbf29ce484222325u ^ place; /* FNV-1a */

        for (size_t i = 0; i < size; i++) {
                unsigned char c = (unsigned char) text[i];

                if (c >= 'A' && c <= 'Z')
                        c = (unsigned char) (c + ('a' - 'A'));
                h = (h ^ c) * 0x100000001b3u;
        }
        return h ^ (h >> 29);
}

void index_done(struct index *x)
{
        for (size_t i = 0; i < x->n_entries; i++)
                free(x->entries[i].rules);
        free(x->entries);
        free(x->residue);
        *x = (struct index){0};
}

static struct index_entry *index_slot(const struct index *x, uint64_t hash)
{
        size_t i = hash & (x->n_entries - 1);

        while (x->entries[i].rules && x->entries[i].hash != hash)
                i = (i + 1) & (x->n_entries - 1);
        return &x->entries[i];
}

static int index_grow(struct index *x)
{
        struct index bigger = *x;

        bigger.n_entries = MAX((size_t) 64, 2 * x->n_entries);
        bigger.entries = calloc(bigger.n_entries, sizeof(*bigger.entries));
        if (!bigger.entries)
                return -ENOMEM;
        for (size_t i = 0; i < x->n_entries; i++)
                if (x->entries[i].rules)
                        *index_slot(&bigger, x->entries[i].hash) = x->entries[i];
        free(x->entries);
        *x = bigger;
        return 0;
}

static int index_file(struct index *x, const struct filing *f, unsigned rule)
{
        struct index_entry *e;

        if (2 * (x->n_used + 1) > x->n_entries && index_grow(x) < 0)
                return -ENOMEM;
        e = index_slot(x, f->hash);
        if (e->n_rules == e->n_allocated) {
                unsigned n = MAX(4U, 2 * e->n_allocated);
                unsigned *rules = reallocarray(e->rules, n, sizeof(*rules));

                if (!rules)
                        return -ENOMEM;
                x->n_used += e->rules == NULL;
                e->rules = rules;
                e->n_allocated = n;
                e->hash = f->hash;
        }
        if (e->n_rules == 0 || e->rules[e->n_rules - 1] != rule)
                e->rules[e->n_rules++] = rule;
        x->longest = MAX(x->longest, f->size);
        return 0;
}

static bool path_allowed(const struct builder *b, const struct path *p)
{
        if (b->counting)
                return true;
        for (unsigned i = 0; i < b->index->n_paths; i++)
                if (b->index->paths[i] == p)
                        return true;
        return false;
}

/* The values of one "eq" or "in" of texts, if the condition has one. */
static bool filings_of_path(const struct builder *b, const struct condition *c, struct filings *ret)
{
        ret->n = 0;
        if (c->path->pointer.wild || !path_allowed(b, c->path))
                return false;
        for (unsigned i = 0; i < c->tests.n; i++) {
                const struct test *t = &c->tests.items[i];
                bool texts = t->op == OPERATION_EQ || t->op == OPERATION_IN;

                for (unsigned o = 0; texts && o < t->n; o++)
                        texts = t->operands[o].kind == JSON_STRING;
                if (!texts || t->n > FILED_MAX)
                        continue;
                for (unsigned o = 0; o < t->n; o++) {
                        const struct text *text = &t->operands[o].text;

                        ret->items[ret->n++] = (struct filing){
                                .place = c->path->number,
                                .path = c->path,
                                .hash = filed_hash(c->path->number, text->data, text->size),
                                .size = text->size,
                        };
                }
                return true;
        }
        return false;
}

static void filings_measure(const struct index *x, struct filings *f)
{
        f->crowd = 0;
        for (unsigned i = 0; i < f->n && x->n_entries > 0; i++)
                f->crowd = MAX(f->crowd, (unsigned long) index_slot(x, f->items[i].hash)->n_rules);
}

static bool filings_of(struct builder *b, const struct condition *c, struct filings *ret);

/* Of "all", any one child will do: the one with the least company. */
static bool filings_of_all(struct builder *b, const struct condition *c, struct filings *ret)
{
        bool found = false;

        for (unsigned i = 0; i < c->n_children; i++) {
                struct filings child;

                if (!filings_of(b, &c->children[i], &child))
                        continue;
                filings_measure(b->index, &child);
                if (!found || child.crowd < ret->crowd)
                        *ret = child;
                found = true;
        }
        return found;
}

/* Of "any", every child is needed. */
static bool filings_of_any(struct builder *b, const struct condition *c, struct filings *ret)
{
        ret->n = 0;
        for (unsigned i = 0; i < c->n_children; i++) {
                struct filings child;

                if (!filings_of(b, &c->children[i], &child) || ret->n + child.n > FILED_MAX)
                        return false;
                memcpy(ret->items + ret->n, child.items, child.n * sizeof(*child.items));
                ret->n += child.n;
        }
        return ret->n > 0;
}

static bool filings_of(struct builder *b, const struct condition *c, struct filings *ret)
{
        switch (c->kind) {
        case CONDITION_ALL:
                return filings_of_all(b, c, ret);
        case CONDITION_ANY:
                return filings_of_any(b, c, ret);
        case CONDITION_PATH:
                return filings_of_path(b, c, ret);
        case CONDITION_NOT:
        default:
                return false;
        }
}

/* Count each path that some needed value of this condition is at. */
static void count_usages(struct builder *b, const struct condition *c)
{
        struct filings f;

        if (c->kind == CONDITION_PATH && filings_of_path(b, c, &f)) {
                b->usages[c->path->number].path = c->path;
                b->usages[c->path->number].n++;
        }
        if (c->kind == CONDITION_NOT)
                return;
        for (unsigned i = 0; i < c->n_children; i++)
                count_usages(b, &c->children[i]);
}

static int usage_compare(const void *a, const void *b)
{
        const struct usage *x = a, *y = b;

        return (x->n < y->n) - (x->n > y->n);
}

static void choose_paths(struct builder *b)
{
        struct index *x = b->index;

        qsort(b->usages, b->n_usages, sizeof(*b->usages), usage_compare);
        for (size_t i = 0; i < b->n_usages && x->n_paths < INDEX_PATHS_MAX; i++)
                if (b->usages[i].n > 0)
                        x->paths[x->n_paths++] = b->usages[i].path;
        b->counting = false;
}

static int file_rule(struct builder *b, const struct rule *rule, unsigned number)
{
        struct index *x = b->index;
        struct filings found = {.n = 0}, adapter = {.n = 1};
        bool filed = filings_of(b, &rule->match, &found);

        if (filed)
                filings_measure(x, &found);
        if (rule->adapter) {
                adapter.items[0] = (struct filing){
                        .place = ADAPTER_PLACE,
                        .hash = filed_hash(ADAPTER_PLACE, rule->adapter, strlen(rule->adapter)),
                        .size = strlen(rule->adapter),
                };
                filings_measure(x, &adapter);
                if (!filed || adapter.crowd < found.crowd)
                        found = adapter;
                filed = true;
        }
        if (!filed) {
                x->residue[x->n_residue++] = number;
                return 0;
        }
        for (unsigned i = 0; i < found.n; i++)
                if (index_file(x, &found.items[i], number) < 0)
                        return -ENOMEM;
        return 0;
}

static size_t count_paths(const struct condition *c)
{
        size_t n = c->path ? c->path->number + 1U : 0;

        for (unsigned i = 0; i < c->n_children; i++)
                n = MAX(n, count_paths(&c->children[i]));
        return n;
}

int index_build(const struct rule *rules, unsigned n_rules, struct index *ret)
{
        cleanup_(index_done) struct index x = {0};
        cleanup_(free_p) struct usage *usages = NULL;
        struct builder b = {.index = &x, .counting = true};

        for (unsigned i = 0; i < n_rules; i++)
                b.n_usages = MAX(b.n_usages, count_paths(&rules[i].match));
        usages = calloc(b.n_usages + 1, sizeof(*usages));
        x.residue = calloc(n_rules + 1U, sizeof(*x.residue));
        if (!usages || !x.residue)
                return -ENOMEM;
        b.usages = usages;
        for (unsigned i = 0; i < n_rules; i++)
                count_usages(&b, &rules[i].match);
        choose_paths(&b);
        for (unsigned i = 0; i < n_rules; i++)
                if (rules[i].enabled && file_rule(&b, &rules[i], i) < 0)
                        return -ENOMEM;
        *ret = x;
        x = (struct index){0};
        return 0;
}

static void candidates_add(struct candidates *c, unsigned rule)
{
        if (c->stamps[rule] == c->stamp)
                return;
        c->stamps[rule] = c->stamp;
        c->rules[c->n++] = rule;
}

static void candidates_add_filed(const struct index *x, uint32_t place, const struct text *text,
                                 struct candidates *c)
{
        const struct index_entry *e;

        if (x->n_entries == 0 || text->size > x->longest)
                return;
        e = index_slot(x, filed_hash(place, text->data, text->size));
        for (unsigned i = 0; i < e->n_rules; i++)
                candidates_add(c, e->rules[i]);
}

int index_find(const struct index *x, struct view *v, const char *adapter, struct candidates *ret)
{
        struct text name = {adapter, strlen(adapter)};

        ret->n = 0;
        for (unsigned i = 0; i < x->n_residue; i++)
                candidates_add(ret, x->residue[i]);
        candidates_add_filed(x, ADAPTER_PLACE, &name, ret);
        for (unsigned i = 0; i < x->n_paths; i++) {
                struct value value;
                int r;

                r = view_find(v, x->paths[i], &value);
                if (r < 0)
                        return r;
                if (r == 0 && value.kind == JSON_STRING)
                        candidates_add_filed(x, x->paths[i]->number, &value.text, ret);
        }
        return 0;
}
