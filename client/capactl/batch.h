/* What `show` prints of a batch: several nonconformities that were decided as one. */
#pragma once

#include "client/capactl/session.h"

struct cJSON;

int batch_print(struct session *s, const struct cJSON *batch) must_check_;
