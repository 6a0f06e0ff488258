/* What one message becomes, as JSON for people: `capactl adapters test --event`. */
#pragma once

#include "daemon/core/judge.h"

/* The adapter's fields of the part that the judge's view is at, as a JSON object in part->fields.
 * 0 or -ENOMEM. */
int show_fields(struct judge *j, struct part *part) must_check_;
