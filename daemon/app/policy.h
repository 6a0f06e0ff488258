/* policy.json as the register takes it (sql/README.md, "The policy as loaded"): checked against the
 * shape of proto/schema/policy.json, every duration replaced by its span, every "at" of a step by
 * its moments; and the register's settings that it holds. */
#pragma once

#include "daemon/app/settings.h"
#include "daemon/core/ruleset.h"
#include "proto/base/buffer.h"
#include "proto/seal/hash.h"

enum policy_error { POLICY_E_INVALID = 1 };

struct policy {
        struct buffer body; /* the form that api.load takes */
        struct hash hash;   /* of that form, so that comments and blanks change nothing */
        char **names;       /* of its policies, NULL-terminated: rules may refer to them */
        struct settings settings;
};

/* Every mistake is a complaint with its place. 0, POLICY_E_INVALID, -ENOMEM. */
int policy_parse(const char *path, const char *text, size_t size, struct policy **ret,
                 struct complaints *reterr) must_check_;
struct policy *policy_free(struct policy *p);
void policy_free_p(struct policy **p);
