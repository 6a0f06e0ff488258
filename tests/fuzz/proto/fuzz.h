/* What the targets of proto/ share: a check that stops the run in every build, and frames from
 * bytes. */
#pragma once

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/wire/frame.h"

#define CHECK(condition)                                                                           \
        do {                                                                                       \
                if (!(condition))                                                                  \
                        abort();                                                                   \
        } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Frames separated by '|', as the protocol's notation writes them; at most most. */
static inline size_t fuzz_frames(const uint8_t *data, size_t size, struct frame *ret, size_t most)
{
        const char *p = (const char *) data, *end = p + size;
        size_t n = 0;

        if (size == 0)
                return 0;
        while (n < most) {
                const char *bar = p < end ? memchr(p, '|', (size_t) (end - p)) : NULL;

                ret[n++] = (struct frame){p, (size_t) ((bar ? bar : end) - p)};
                if (!bar)
                        break;
                p = bar + 1;
        }
        return n;
}
