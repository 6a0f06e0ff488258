/* What did not come in time: api.tick says it, as a list of events of the daemon's own, and they go
 * through the ordinary door like any other. Nobody waits for their answers: the register names each
 * again until it is stored, and its identity makes it one, also between several daemons. */
#pragma once

#include "daemon/app/batcher.h"
#include "proto/json/tape.h"

struct missed {
        struct batcher *batcher; /* borrowed */
        unsigned n_open;         /* on their way; until they are answered no more are taken */
        uint64_t sent;           /* stored since the start, or known as stored already */
};

/* Submit the events of a tick's result, the list at `node`. 0 or -errno. */
int missed_submit(struct missed *m, const struct json_tape *t, uint32_t node) must_check_;
