/* The grade that a rule gives: constant, from a map over the event, and how it grows with
 * occurrences (which SQL evaluates, see ruleset_describe). */
#pragma once

#include "daemon/core/match.h"
#include "proto/duration/duration.h"

enum grade { GRADE_OFI, GRADE_OBSERVATION, GRADE_MINOR, GRADE_MAJOR, GRADE_CRITICAL, GRADE_MAX };

struct grade_case {
        struct tests tests;
        enum grade to;
};

struct growth {
        unsigned occurrences;   /* this many, the raising one included; 0: no pass ... */
        struct duration within; /* ... within this long ... */
        enum grade to;          /* ... make it this */
};

struct grading {
        const struct path *path; /* NULL: constant */
        struct grade_case *cases;
        unsigned n_cases;
        enum grade otherwise; /* the constant, or "else" of the map */
        struct growth *growth;
        unsigned n_growth;
};

const char *grade_name(enum grade g);
int grading_read(struct reader *r, uint32_t node, struct grading *ret) must_check_;
/* The base grade for this event. 0 or -ENOMEM. */
int grading_decide(const struct grading *g, struct view *v, unsigned *n_unknown,
                   enum grade *ret) must_check_;
