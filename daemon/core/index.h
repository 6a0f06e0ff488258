/* Which rules an event has to meet. A rule is filed under values that its match cannot do without
 * (an "eq" or "in" of texts, or its adapter); a rule without any is met by every event. Built at
 * load, immutable afterwards. An event that matches nothing costs a few look-ups, whatever the
 * number of rules. */
#pragma once

#include "daemon/core/rule.h"

#define INDEX_PATHS_MAX 16U

struct index_entry { /* open addressing; rules == NULL: free */
        uint64_t hash;
        unsigned *rules;
        unsigned n_rules, n_allocated;
};

struct index {
        const struct path *paths[INDEX_PATHS_MAX]; /* borrowed; at which values are looked up */
        unsigned n_paths;
        size_t longest; /* bytes of the longest filed text */
        struct index_entry *entries;
        size_t n_entries, n_used; /* n_entries is a power of two */
        unsigned *residue;        /* rules that every event meets */
        unsigned n_residue;
};

void index_done(struct index *x);
int index_build(const struct rule *rules, unsigned n_rules, struct index *ret) must_check_;

struct candidates {      /* of one event: rule numbers, each once */
        unsigned *rules; /* room for all rules; owned by the judge */
        unsigned n;
        uint64_t *stamps; /* one a rule; owned by the judge */
        uint64_t stamp;   /* new for each event */
};
/* 0 or -ENOMEM */
int index_find(const struct index *x, struct view *v, const char *adapter,
               struct candidates *ret) must_check_;
