/* What a rule's match cannot do without: the keys to file it under. Of "all" one child will do, the
 * one with the least company in the index; of "any", and of the operands of a test, each is
 * needed. Called by index_build alone. */
#pragma once

#include "daemon/core/key.h"
#include "daemon/core/rule.h"

struct index;

struct filing {
        enum key_kind kind;
        unsigned place;          /* of the index; not of KEY_ADAPTER, KEY_MEMBER */
        unsigned size;           /* of KEY_HEAD and _TAIL bytes, of _PIECE order, of _NETWORK bits;
                                    of KEY_MEMBER segments of the path, the member's name included */
        uint64_t hash;           /* of all but KEY_FLOOR and KEY_CEILING */
        const struct text *text; /* of KEY_VALUE, KEY_ELEMENT, KEY_FLOOR, KEY_CEILING: borrowed */
        const struct path *path; /* of KEY_MEMBER: borrowed */
};

struct filings { /* a stack: what lies on it from some height on is one way to file */
        struct filing *items;
        size_t n, n_allocated;
};

void filings_done(struct filings *f);
/* All that this rule is to be filed under, given the rules that already are; n = 0 where there is
 * nothing that each of its matches needs. 0 or -ENOMEM. */
int filings_of_rule(const struct index *x, const struct rule *rule,
                    struct filings *ret) must_check_;
/* Does the condition of one path have a test for which its values are looked up? */
bool filed_by_value(const struct condition *c);
