/* What the targets of daemon/app share: a check that stops the run in every build, and what holds
 * for every reader of a file: it is good, or there are complaints, each with its place. */
#pragma once

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/ruleset.h"
#include "proto/json/tape.h"

#define CHECK(condition)                                                                           \
        do {                                                                                       \
                if (!(condition))                                                                  \
                        abort();                                                                   \
        } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void check_complaints(int r, const struct complaints *c)
{
        CHECK(r >= 0 && (r == 0) == (c->n == 0));
        CHECK(r == 0 || strncmp(c->text.data, "f.json:", 7) == 0);
}

/* What goes to the register is JSON that the strict reader takes. */
static inline void check_body(const struct buffer *body)
{
        struct json_tape t = JSON_TAPE_NULL;

        CHECK(json_tape_parse(&t, body->data, body->size, NULL) == 0);
        CHECK(t.nodes[0].kind == JSON_OBJECT);
        json_tape_done(&t);
}
