/* What the targets of daemon/webhook share: a check that stops the run in every build. */
#pragma once

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "proto/base/util.h"

#define CHECK(condition)                                                                           \
        do {                                                                                       \
                if (!(condition))                                                                  \
                        abort();                                                                   \
        } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
