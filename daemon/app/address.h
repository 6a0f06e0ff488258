/* Is an endpoint's address one that can be served? Asked when the configuration is read, so that
 * `capad check` says what binding would only say at the start. Pure. */
#pragma once

#include <stdbool.h>

#include "proto/base/problem.h"

/* has_key: a CURVE secret key is configured. False with the reason in *reterr. */
bool address_is_servable(const char *address, bool has_key, struct problem *reterr);
