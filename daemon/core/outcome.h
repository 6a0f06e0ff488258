/* What a rule that matches an event comes to, as a sentence for `capactl rules explain`: that it
 * raises, counts, waits or clears, or which other rule keeps it from that. Used by explain alone.
 */
#pragma once

#include "daemon/core/apply.h"

/* Append the sentence for rule `number`, which matches the part in a->view, without its full stop.
 * 0 or -ENOMEM. */
int outcome_of(struct applier *a, const struct ruleset *rules, const char *adapter, unsigned number,
               struct buffer *b) must_check_;
