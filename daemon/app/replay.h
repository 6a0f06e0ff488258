/* What rules.replay does once its rules and its caller are known: the register plays the stored
 * events once more in a session of its own, by the rules that are tried, and says what differs from
 * what it did. Changes nothing; the loop goes on between steps. One replay at a time. */
#pragma once

#include "daemon/app/caller.h"
#include "daemon/app/manager.h"
#include "daemon/app/principal.h"
#include "daemon/bus/endpoint.h"

struct replay;

/* Takes what is in who; references rules. Ends the arrival, now or with the replay. 0 or -errno. */
int replay_begin(struct manager *m, struct arrival *a, struct caller *who, struct ruleset *rules,
                 const struct principal *p) must_check_;
/* End the one that runs, if any: its caller is told. */
void replay_stop(struct manager *m);
