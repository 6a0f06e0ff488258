/* Why rules matched or not, for `capactl rules explain`. */
#pragma once

#include "daemon/core/apply.h"

/* Append one JSON object for the part in a->view:
 * {"source","type","subject","status","error","rules":
 * [{"rule","effect","truth","why"?,"conditions":[{"path","asked","truth","value"}],"then"?,"matches"?}]}.
 * 0 or -ENOMEM. */
int explain_part(struct applier *a, const struct ruleset *rules, const char *adapter,
                 const struct part *part, struct buffer *b) must_check_;
