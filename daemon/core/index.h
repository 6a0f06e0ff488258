/* Which rules an event has to meet. A rule is filed under what each of its matches needs
 * (filing.h): a value, a beginning, a piece, a network, a threshold, or at least that its path
 * leads somewhere; a rule that needs nothing is met by every event. Built at load, immutable
 * afterwards. An event that matches nothing costs a few look-ups, whatever the number of rules. */
#pragma once

#include "daemon/core/filing.h"

#define INDEX_PLACES_MAX    16U
#define INDEX_FILTER_BITS   65536U
#define INDEX_NETWORK_SIZES 129U /* 0 to 128 bits */

struct rule_list { /* numbers of rules */
        unsigned *items;
        unsigned n, n_allocated;
};

struct index_entry { /* open addressing; no rules: free */
        uint64_t hash;
        struct rule_list rules;
};

struct sizes { /* each once */
        uint8_t items[INDEX_NETWORK_SIZES];
        unsigned n;
};

struct thresholds { /* "gte" by rising, "lte" by falling numbers: a value meets those in front */
        struct threshold {
                const struct text *number;
                unsigned rule;
        } * items;
        unsigned n, n_allocated;
};

struct index_place { /* a path whose values are looked up, and how */
        const struct path *path;
        size_t longest; /* bytes of the longest value */
        bool values, elements;
        struct sizes heads, tails, pieces, networks;
        struct thresholds floors, ceilings;
        struct rule_list searchers; /* all that are filed under pieces */
};

struct index_parent {     /* an object whose members are looked up by name */
        struct path path; /* borrows its segments; none of them: the event itself */
        uint64_t hash;
        struct rule_list rules; /* all that are filed under its members */
};

struct index {
        struct index_place places[INDEX_PLACES_MAX];
        unsigned n_places;
        struct index_parent *parents;
        unsigned n_parents;
        struct index_entry *entries;
        size_t n_entries, n_used;                /* n_entries is a power of two */
        uint64_t filter[INDEX_FILTER_BITS / 64]; /* one bit a hash: most look-ups end here */
        struct rule_list residue;                /* rules that every event meets */
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

/* For filing. The place of this path, n_places if it has none; how many rules are filed there; the
 * keys of a member (the first n segments of the path) and of an adapter. */
unsigned index_place_of(const struct index *x, const struct path *p);
unsigned long index_company(const struct index *x, const struct filing *f);
uint64_t index_member(const struct path *p, unsigned n);
uint64_t index_adapter(const char *name);

/* Between index.c and index_ask.c. The entry of this hash; if no rule has it, a free one. */
struct index_entry *index_slot(const struct index *x, uint64_t hash);

static inline size_t index_filter_word(uint64_t hash)
{
        return (hash >> 6) % (INDEX_FILTER_BITS / 64);
}

static inline uint64_t index_filter_bit(uint64_t hash)
{
        return UINT64_C(1) << (hash % 64);
}
