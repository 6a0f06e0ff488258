/* How an adapter finds one value of an event's envelope in a tool's own message: a constant, a
 * place, a template, or several of them tried in order, the first that gives a value wins. What is
 * at a place goes through the steps of its alternative: json, capture, as, map. Read at load,
 * immutable afterwards; values are found by lookup.c. */
#pragma once

#include "daemon/core/operand.h"
#include "daemon/core/scene.h"
#include "daemon/core/template.h"

struct mapping_case {
        struct tests tests;
        struct text to;
};

enum conversion { CONVERSION_NONE, CONVERSION_NUMBER, CONVERSION_TEXT };

struct alternative {
        struct text constant; /* or */
        struct place place;   /* place.path, or */
        struct template template;
        const struct path *json; /* the text there is JSON: the value is what this names in it */
        struct pattern *capture; /* its first group is the value */
        enum conversion as;
        bool nocase; /* of all cases */
        struct mapping_case *cases;
        unsigned n_cases;
        struct text otherwise; /* of the cases; TEXT_NULL: then there is no value */
};

struct mapping {
        struct alternative *items;
        unsigned n;
};

enum wanted { WANTED_ANY, WANTED_TEXT, WANTED_MOMENT, WANTED_DATE };

int mapping_read(struct reader *r, uint32_t node, struct mapping *ret) must_check_;
/* A plain place: "/pointer", or {"document": ...}, {"above": ...}, {"envelope": ...} with one.
 * path stays NULL after a complaint. */
int place_read(struct reader *r, uint32_t node, struct place *ret) must_check_;

/* Find the value. null and "" count as absent; so do lists and objects where a text is wanted, and
 * what is no moment after 1970 (or date) where one is. Texts that have to be made are in the
 * scene's arenas. 0 or -ENOMEM. */
int mapping_find(const struct mapping *m, struct scene *s, enum wanted wanted,
                 struct mapped *ret) must_check_;
