/* What rules.replay does once its rules and its caller are known: the stored events are judged once
 * more, page by page over the reading connection, and what they would have raised is compared with
 * what was raised. Changes nothing; the loop goes on between pages. */
#pragma once

#include "daemon/app/caller.h"
#include "daemon/app/manager.h"
#include "daemon/app/principal.h"
#include "daemon/bus/endpoint.h"

/* Takes principal and actor out of who; references rules. Ends the arrival, now or with the last
 * page. 0 or -errno. */
int replay_begin(struct manager *m, struct arrival *a, struct caller *who, struct ruleset *rules,
                 const struct principal *p) must_check_;
