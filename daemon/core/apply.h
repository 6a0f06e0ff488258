/* The rules held against one part: which match, which of these count, and what they say. Between
 * index and judge; used by the judge alone. */
#pragma once

#include "daemon/core/compiled.h"
#include "daemon/core/judge.h"

struct hit { /* a rule that matched */
        unsigned rule;
        bool off; /* another one stands instead of it */
};

struct applier {          /* scratch memory and results, owned by the judge */
        struct view view; /* of the part */
        struct candidates candidates;
        struct hit *hits; /* room for all rules */
        size_t n_room;    /* of candidates, hits */
        struct buffer scratch;
        struct arena *arena; /* of the frame, for rendered texts; borrowed */
        struct match *matches;
        size_t n_matches, n_allocated;
        struct buffer *explanation; /* borrowed; NULL: nobody asks why */
};

void applier_done(struct applier *a);
/* Make room for a ruleset's rules and paths. 0 or -ENOMEM. */
int applier_prepare(struct applier *a, const struct ruleset *rules) must_check_;
/* Apply the rules to a->view, as an event of `adapter`. Appends to a->matches and fills in verdict,
 * counted_only, first_match, n_matches, n_unknown and problem of the part. 0 or -ENOMEM. */
int apply_rules(struct applier *a, const struct ruleset *rules, const char *adapter,
                struct part *part) must_check_;
/* The same for an event of type EXPECTATION_TYPE that the daemon made: a fail of the rule that its
 * data names, under the fingerprint that it names; of a rule that is not there it is nothing. */
int apply_missed(struct applier *a, const struct ruleset *rules, struct part *part) must_check_;
