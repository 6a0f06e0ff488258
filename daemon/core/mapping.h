/* How an adapter finds one value of an event's envelope in a tool's own message: a constant, a
 * path, a template, or several of them tried in order, the first that gives a value wins. Read at
 * load, immutable afterwards. Paths go into the element (of {"document": ...} into the whole
 * frame). */
#pragma once

#include "daemon/core/operand.h"
#include "daemon/core/template.h"

struct place { /* a path, and from where */
        const struct path *path;
        bool of_document;
};

struct mapping_case {
        struct tests tests;
        struct text to;
};

struct alternative {
        struct text constant; /* or */
        struct place place;   /* place.path, or */
        struct template template;
        struct pattern *capture; /* its first group is the value */
        struct mapping_case *cases;
        unsigned n_cases;
        struct text otherwise; /* of the cases; TEXT_NULL: then there is no value */
        bool as_number;        /* a text that is a number becomes that number */
};

struct mapping {
        struct alternative *items;
        unsigned n;
};

int mapping_read(struct reader *r, uint32_t node, struct mapping *ret) must_check_;
/* A plain place: "/pointer" or {"document": "/pointer"}. path stays NULL after a complaint. */
int place_read(struct reader *r, uint32_t node, struct place *ret) must_check_;

/* Find the value. null, "" and lists or objects without a use for them count as absent where `text`
 * asks for a text. v: a view that is not adapted, at the element; its part_arena takes what has
 * to be made. 0 or -ENOMEM. */
int mapping_find(const struct mapping *m, struct view *v, bool text,
                 struct mapped *ret) must_check_;
/* Value at a place, as view_find. */
int place_find(const struct place *p, struct view *v, struct value *ret) must_check_;
