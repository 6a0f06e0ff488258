/* What a rule holds against one value: the operators and their operands, three-valued. Read at
 * load, immutable afterwards. Used by match and by grade maps. */
#pragma once

#include "daemon/core/pattern.h"
#include "daemon/core/reader.h"
#include "daemon/core/view.h"

enum truth { TRUTH_NO, TRUTH_YES, TRUTH_UNKNOWN };

enum operation {
        OPERATION_EQ,
        OPERATION_NE,
        OPERATION_IN,
        OPERATION_NIN,
        OPERATION_LT,
        OPERATION_LTE,
        OPERATION_GT,
        OPERATION_GTE,
        OPERATION_CONTAINS,
        OPERATION_STARTSWITH,
        OPERATION_ENDSWITH,
        OPERATION_GLOB,
        OPERATION_RE,
        OPERATION_CIDR,
        OPERATION_EXISTS,
        OPERATION_MAX,
};

struct operand {
        enum json_kind kind;
        struct text text; /* string: decoded, NUL-terminated; number: its text */
};

struct network { /* IPv4 as ::ffff:0:0/96 */
        uint8_t bytes[16];
        unsigned bits;
};

struct test {
        enum operation op;
        bool nocase; /* ASCII letters only */
        struct operand *operands;
        struct network *networks;
        unsigned n;              /* of operands or networks */
        struct pattern *pattern; /* of re and glob */
        bool exists;             /* what OPERATION_EXISTS asks for */
};

struct tests { /* all of them must hold for one value */
        struct test *items;
        unsigned n;
};

extern const char *const OPERATION_NAMES[OPERATION_MAX + 1]; /* NULL behind the last */
/* For the tables of reader_object: these keys are read by tests_read. */
#define OPERATION_MEMBERS                                                                          \
        {"eq", NULL, false}, {"ne", NULL, false}, {"in", NULL, false}, {"nin", NULL, false},       \
                {"lt", NULL, false}, {"lte", NULL, false}, {"gt", NULL, false},                    \
                {"gte", NULL, false}, {"contains", NULL, false}, {"startswith", NULL, false},      \
                {"endswith", NULL, false}, {"glob", NULL, false}, {"re", NULL, false},             \
                {"cidr", NULL, false}, {"exists", NULL, false},                                    \
        {                                                                                          \
                "nocase", NULL, false                                                              \
        }

/* Read all operators that the object has; at least one is needed. */
int tests_read(struct reader *r, uint32_t node, struct tests *ret) must_check_;
/* The same where letters' case means nothing anyway: operators that know no case ignore that. */
int tests_read_nocase(struct reader *r, uint32_t node, bool nocase, struct tests *ret) must_check_;
enum truth tests_of_value(const struct tests *t, const struct json_tape *tape,
                          const struct value *value);
enum truth tests_of_absence(const struct tests *t);
/* Reads an IPv4 or IPv6 address; false where the text is none. */
bool address_read(const struct text *text, uint8_t ret[16]);
enum truth truth_and(enum truth a, enum truth b);
