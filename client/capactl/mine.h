/* Is a published message about the caller: told to them, or of something they own? */
#pragma once

#include <stdbool.h>

#include "client/capactl/session.h"

struct cJSON;

struct mine {
        struct cJSON *page;        /* the caller's page: it says which names are theirs; owned */
        const struct cJSON *names; /* in it */
};

/* Asks the daemon. Returns an exit status. */
int mine_load(struct session *s, struct mine *ret) must_check_;
void mine_done(struct mine *m);
/* event: a published CloudEvent. */
bool mine_is(const struct mine *m, const char *event, size_t size);
