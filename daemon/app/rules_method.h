/* Methods that the daemon answers from its rules, without the register: rules.list, .check, .test,
 * .explain, .replay, adapters.list, .test. Each ends the arrival. */
#pragma once

#include "daemon/app/manager.h"
#include "daemon/app/principal.h"
#include "daemon/bus/endpoint.h"

int rules_list(struct manager *m, const struct principal *p, struct arrival *a);
int rules_check(struct manager *m, const struct principal *p, struct arrival *a);
int rules_test(struct manager *m, const struct principal *p, struct arrival *a);
int rules_explain(struct manager *m, const struct principal *p, struct arrival *a);
/* The stored events since a moment by the rules in force, or by those with the files given; goes on
 * after it returned (replay_rules.c). */
int rules_replay(struct manager *m, const struct principal *p, struct arrival *a);
int adapters_list(struct manager *m, const struct principal *p, struct arrival *a);
int adapters_test(struct manager *m, const struct principal *p, struct arrival *a);
/* Mistakes of files, which are lines, as a JSON list. */
void rules_add_mistakes(struct buffer *b, const struct complaints *c);
