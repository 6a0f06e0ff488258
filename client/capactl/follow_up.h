/* Follow-ups as people see them: the table that `follow-up list` and `show` print. */
#pragma once

#include "proto/base/util.h"

struct session;
struct cJSON;

/* One row each: what is due next, and what came of the periods so far. list: as of follow_up.list;
 * an empty one prints nothing. 0, or -errno. */
int follow_up_print(struct session *s, const struct cJSON *list) must_check_;
