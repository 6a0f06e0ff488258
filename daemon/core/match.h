/* The match language: all, any, not over tests of paths, in Kleene's three values. A comparison
 * with a missing field, or of kinds that have no order, is unknown; unknown stays unknown under
 * not, and only "yes" matches. A path with "*" holds if any of its values does. */
#pragma once

#include "daemon/core/operand.h"
#include "daemon/core/reader.h"
#include "daemon/core/view.h"

enum condition_kind { CONDITION_ALL, CONDITION_ANY, CONDITION_NOT, CONDITION_PATH };

struct condition {
        enum condition_kind kind;
        struct condition *children; /* of all, any, not (one) */
        unsigned n_children;
        const struct path *path; /* of CONDITION_PATH */
        struct tests tests;
        const char *asked; /* the operators as the file has them, for people: eq "a" */
};

/* Read the value of "match" into *ret. */
int condition_read(struct reader *r, uint32_t node, struct condition *ret) must_check_;
/* Decide. *n_unknown grows by the comparisons that were unknown on the way. 0 or -ENOMEM. */
int condition_decide(const struct condition *c, struct view *v, unsigned *n_unknown,
                     enum truth *ret) must_check_;
/* The same for the tests of one path alone. */
int path_decide(const struct path *p, const struct tests *t, struct view *v, unsigned *n_unknown,
                enum truth *ret) must_check_;
