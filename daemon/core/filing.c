/* Finds ways to file a rule and keeps the best. A test that a missing field leaves unknown needs at
 * least that field; "exists": false, "not" and what no key can express need nothing. */
#include "daemon/core/filing.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/index.h"
#include "proto/base/util.h"

#define COARSE 64UL /* rules whose company is as bad as a key that many events have */

struct filer { /* one rule on its way into the index */
        const struct index *index;
        struct filings *filings;
};

void filings_done(struct filings *f)
{
        free(f->items);
        *f = (struct filings){0};
}

static int filings_push(struct filings *f, const struct filing *item)
{
        if (f->n == f->n_allocated) {
                size_t n = MAX((size_t) 16, 2 * f->n_allocated);
                struct filing *items = reallocarray(f->items, n, sizeof(*items));

                if (!items)
                        return -ENOMEM;
                f->items = items;
                f->n_allocated = n;
        }
        f->items[f->n++] = *item;
        return 0;
}

/* How many rules an event would meet beside this one, at the fullest key. */
static unsigned long company(const struct index *x, const struct filing *f, size_t n)
{
        unsigned long most = 0;

        for (size_t i = 0; i < n; i++) {
                unsigned long here = index_company(x, &f[i]);

                if (f[i].kind >= KEY_FLOOR)
                        here += COARSE;
                if (f[i].kind == KEY_PIECE)
                        here += COARSE >> (3 * f[i].size);
                most = MAX(most, here);
        }
        return most;
}

/* Above `start` lies the best way so far, above `mark` another one: the better one stays. */
static void keep_better(struct filer *r, size_t start, size_t mark)
{
        struct filings *f = r->filings;
        size_t n = f->n - mark;

        if (n == 0 || mark == start)
                return;
        if (company(r->index, f->items + mark, n) <
            company(r->index, f->items + start, mark - start)) {
                memmove(f->items + start, f->items + mark, n * sizeof(*f->items));
                f->n = start + n;
        } else
                f->n = mark;
}

static int file_operand(struct filer *r, unsigned place, enum key_kind kind,
                        const struct operand *o)
{
        return filings_push(r->filings,
                            &(struct filing){
                                    .kind = kind,
                                    .place = place,
                                    .hash = key_of_value(kind, place, o->kind, &o->text),
                                    .text = &o->text,
                            });
}

static int file_values(struct filer *r, unsigned place, const struct test *t)
{
        for (unsigned i = 0; i < t->n; i++)
                if (file_operand(r, place, KEY_VALUE, &t->operands[i]) < 0)
                        return -ENOMEM;
        return 0;
}

static int file_end(struct filer *r, unsigned place, enum key_kind kind, const char *data,
                    size_t size)
{
        size_t kept = MIN(size, (size_t) KEY_END_BYTES);
        struct text end = {kind == KEY_TAIL ? data + size - kept : data, kept};

        if (kept == 0)
                return 0;
        return filings_push(r->filings, &(struct filing){
                                                .kind = kind,
                                                .place = place,
                                                .size = (unsigned) kept,
                                                .hash = key_of_text(kind, place, &end),
                                        });
}

/* Of all pieces of this text, as long as can be, the one with the least company. */
static int file_piece(struct filer *r, unsigned place, const char *data, size_t size)
{
        struct filing best = {.kind = KEY_PIECE, .place = place};
        unsigned long least = ULONG_MAX;
        uint64_t salt;

        while (best.size + 1 < KEY_PIECE_ORDERS && (size_t) 2 << best.size <= size)
                best.size++;
        salt = key_piece_salt(place, best.size);
        for (size_t i = 0; i + ((size_t) 1 << best.size) <= size; i++) {
                struct filing piece = best;
                unsigned long here;

                piece.hash = key_of_piece(salt, piece.size, data + i);
                here = index_company(r->index, &piece);
                if (here < least) {
                        best.hash = piece.hash;
                        least = here;
                }
        }
        return least == ULONG_MAX ? 0 : filings_push(r->filings, &best);
}

/* A list that has the element, or a text that has the part. */
static int file_contains(struct filer *r, unsigned place, const struct operand *o)
{
        size_t start = r->filings->n;

        if (o->kind == JSON_STRING) {
                if (file_piece(r, place, o->text.data, o->text.size) < 0)
                        return -ENOMEM;
                if (r->filings->n == start)
                        return 0;
        }
        return file_operand(r, place, KEY_ELEMENT, o);
}

static int file_glob(struct filer *r, unsigned place, const struct text *glob)
{
        struct needed head, longest;
        size_t start = r->filings->n, mark;

        glob_needs(glob, &head, &longest);
        if (file_end(r, place, KEY_HEAD, head.data, head.size) < 0)
                return -ENOMEM;
        mark = r->filings->n;
        if (file_piece(r, place, longest.data, longest.size) < 0)
                return -ENOMEM;
        keep_better(r, start, mark);
        return 0;
}

static int file_pattern(struct filer *r, unsigned place, const struct pattern *p)
{
        size_t start = r->filings->n;

        for (unsigned i = 0; i < p->n_needed; i++) {
                size_t mark = r->filings->n;

                if (file_piece(r, place, p->needed[i].data, p->needed[i].size) < 0)
                        return -ENOMEM;
                if (r->filings->n == mark) {
                        r->filings->n = start;
                        return 0;
                }
        }
        return 0;
}

static int file_networks(struct filer *r, unsigned place, const struct test *t)
{
        for (unsigned i = 0; i < t->n; i++) {
                const struct network *n = &t->networks[i];
                struct filing f = {.kind = KEY_NETWORK, .place = place, .size = n->bits};

                f.hash = key_of_network(place, n->bytes, n->bits);
                if (filings_push(r->filings, &f) < 0)
                        return -ENOMEM;
        }
        return 0;
}

static int file_threshold(struct filer *r, unsigned place, const struct test *t)
{
        bool floor = t->op == OPERATION_GT || t->op == OPERATION_GTE;

        if (t->operands[0].kind != JSON_NUMBER)
                return 0;
        return filings_push(r->filings, &(struct filing){
                                                .kind = floor ? KEY_FLOOR : KEY_CEILING,
                                                .place = place,
                                                .text = &t->operands[0].text,
                                        });
}

static int file_test(struct filer *r, unsigned place, const struct test *t)
{
        switch (t->op) {
        case OPERATION_EQ:
        case OPERATION_IN:
                return file_values(r, place, t);
        case OPERATION_LT:
        case OPERATION_LTE:
        case OPERATION_GT:
        case OPERATION_GTE:
                return file_threshold(r, place, t);
        case OPERATION_CONTAINS:
                return file_contains(r, place, &t->operands[0]);
        case OPERATION_STARTSWITH:
                return file_end(r, place, KEY_HEAD, t->operands[0].text.data,
                                t->operands[0].text.size);
        case OPERATION_ENDSWITH:
                return file_end(r, place, KEY_TAIL, t->operands[0].text.data,
                                t->operands[0].text.size);
        case OPERATION_GLOB:
                return file_glob(r, place, &t->operands[0].text);
        case OPERATION_RE:
                return file_pattern(r, place, t->pattern);
        case OPERATION_CIDR:
                return file_networks(r, place, t);
        case OPERATION_NE:
        case OPERATION_NIN:
        case OPERATION_EXISTS:
        case OPERATION_MAX:
                break;
        }
        return 0;
}

/* The path must lead somewhere. Up to its first "*" or number, behind which a name may be an
 * element's place. */
static int file_presence(struct filer *r, const struct path *p)
{
        struct filing f = {.kind = KEY_MEMBER, .path = p};

        while (f.size < p->pointer.n_segments && !p->pointer.segments[f.size].any &&
               p->pointer.segments[f.size].index < 0)
                f.size++;
        if (f.size == 0)
                return 0;
        f.hash = index_member(p, f.size);
        return filings_push(r->filings, &f);
}

static int file_path(struct filer *r, const struct condition *c)
{
        unsigned place = index_place_of(r->index, c->path);
        size_t start = r->filings->n;
        bool needs = false;

        for (unsigned i = 0; i < c->tests.n; i++) {
                const struct test *t = &c->tests.items[i];
                size_t mark = r->filings->n;

                needs |= t->op != OPERATION_EXISTS || t->exists;
                if (place < r->index->n_places && file_test(r, place, t) < 0)
                        return -ENOMEM;
                keep_better(r, start, mark);
        }
        return needs && r->filings->n == start ? file_presence(r, c->path) : 0;
}

static int file_condition(struct filer *r, const struct condition *c)
{
        size_t start = r->filings->n;

        if (c->kind == CONDITION_PATH)
                return file_path(r, c);
        for (unsigned i = 0; c->kind != CONDITION_NOT && i < c->n_children; i++) {
                size_t mark = r->filings->n;

                if (file_condition(r, &c->children[i]) < 0)
                        return -ENOMEM;
                if (c->kind == CONDITION_ALL)
                        keep_better(r, start, mark);
                else if (r->filings->n == mark) {
                        r->filings->n = start;
                        return 0;
                }
        }
        return 0;
}

int filings_of_rule(const struct index *x, const struct rule *rule, struct filings *ret)
{
        struct filer r = {x, ret};
        size_t mark;

        ret->n = 0;
        if (file_condition(&r, &rule->match) < 0)
                return -ENOMEM;
        if (!rule->adapter)
                return 0;
        mark = ret->n;
        if (filings_push(ret, &(struct filing){
                                      .kind = KEY_ADAPTER,
                                      .hash = index_adapter(rule->adapter),
                              }) < 0)
                return -ENOMEM;
        keep_better(&r, 0, mark);
        return 0;
}

bool filed_by_value(const struct condition *c)
{
        for (unsigned i = 0; i < c->tests.n; i++)
                if (c->tests.items[i].op != OPERATION_NE && c->tests.items[i].op != OPERATION_NIN &&
                    c->tests.items[i].op != OPERATION_EXISTS)
                        return true;
        return false;
}
