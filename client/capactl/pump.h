/* Both outputs of a process passed through to ours as they come, and the last of them kept. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "client/capactl/process.h"
#include "client/capactl/transcript.h"

#define PUMP_TAIL 4096

struct pump {
        struct process *process;  /* borrowed; its pipes are closed here when they end */
        char tail[2 * PUMP_TAIL]; /* of both outputs, in the order they came */
        size_t n_tail;
        struct transcript *out, *err; /* each output by itself, borrowed; NULL: not kept */
};

/* Until the process has ended and what it wrote is through. *ret_status is wait()'s. Pipes that are
 * still open then are held by what the process left behind. 0 or -errno. */
int pump_until_exit(struct pump *p, int *ret_status);
bool pump_is_open(const struct pump *p);
/* Until both pipes end. */
void pump_until_end(struct pump *p);
/* Keep bytes as if the process had written them. */
void pump_keep(struct pump *p, const char *data, size_t size);
/* The last bytes, at most PUMP_TAIL, beginning at a whole character. */
void pump_tail(const struct pump *p, const char **ret, size_t *ret_size);
