/* "controls" of a rule: texts that it names itself, and places of the event whose values name
 * controls of Annex A, in the order of the list. What such a place holds goes through the steps
 * capture and map, and is then read by annex.h: a number of 2013 becomes its successors in 2022,
 * what is no control is left out. Read at load, immutable afterwards; found by apply and explain.
 */
#pragma once

#include "daemon/core/annex.h"
#include "daemon/core/operand.h"

#define CONTROLS_MAX 16U /* of one nonconformity, from its rule and event */

struct control_case { /* of a map */
        struct tests tests;
        struct text *to;
        unsigned n_to;
};

struct control_source {       /* one item of the list */
        struct text constant; /* or: */
        const struct path *path;
        enum edition edition;
        struct pattern *capture; /* its first group is the value */
        struct control_case *cases;
        unsigned n_cases;
};

struct controls {
        struct control_source *items;
        unsigned n;
        struct text *constants; /* those that the rule names itself */
        unsigned n_constants;
        struct text text; /* the same as a JSON list; "[]" where there are none */
};

struct found_controls {
        struct text items[CONTROLS_MAX]; /* each once; texts of the rule, or in the arena */
        unsigned n;
        unsigned n_taken;                  /* of them from the event */
        struct text dropped[CONTROLS_MAX]; /* what was found and is no control; in the arena */
        unsigned n_dropped;                /* of them; the list holds the first ones */
};

int controls_read(struct reader *r, uint32_t node, struct controls *ret) must_check_;
/* Whether events have a say in it. */
static inline bool controls_take(const struct controls *c)
{
        return c->n > c->n_constants;
}
/* The controls for the event in the view; texts that have to be made are in the arena. 0 or
 * -ENOMEM. */
int controls_find(const struct controls *c, struct view *v, struct arena *a,
                  struct found_controls *ret) must_check_;
/* Append the texts as a JSON list. */
void texts_to_json(const struct text *list, unsigned n, struct buffer *b);
