/* Files of rules and adapters that a call brings along, to be judged or replayed before they are
 * put there: "files": [{"path","text"}, …], or "text" and "path" as one file. */
#pragma once

#include "daemon/bus/endpoint.h"
#include "daemon/core/ruleset.h"
#include "proto/json/tape.h"

#define TRIED_MAX 64U

struct tried {
        struct source_file files[TRIED_MAX];
        char *owned[2 * TRIED_MAX]; /* path and text of each */
        size_t n;
        bool only; /* without the rules of the configuration */
};

void tried_done(struct tried *t);
/* What a text holds: adapters, or else rules (also what has no shape at all). */
enum source_kind tried_kind(const char *text, size_t size);
/* Read the parameters in the tape. 0; 1: refused, and the arrival is ended; -ENOMEM. */
int tried_read(struct tried *t, const struct json_tape *tape, struct arrival *a) must_check_;
