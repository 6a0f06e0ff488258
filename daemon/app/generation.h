/* What the configuration files say at one moment: rules, adapters, policy, people, principals.
 * Loaded as a whole or not at all; a reload makes a new one beside the old one. Counted references:
 * a request keeps the generation that it came in under. */
#pragma once

#include "daemon/app/config.h"
#include "daemon/app/people.h"
#include "daemon/app/policy.h"
#include "daemon/app/principal.h"
#include "daemon/core/ruleset.h"

struct generation {
        unsigned references;
        struct config *config;
        struct ruleset *rules;
        struct policy *policy;
        struct people *people;
        struct principals *principals;
        struct buffer rules_body; /* what api.load('rules', …) takes */
        char rules_hash[2 * HASH_BYTES + 1], policy_hash[2 * HASH_BYTES + 1],
                people_hash[2 * HASH_BYTES + 1], settings_hash[2 * HASH_BYTES + 1];
        struct buffer remarks; /* a line for each folder that is named but not there, for each rule
                                  whose owner nobody knows, and for each setting that is hardly
                                  meant; mostly empty */
};

/* Read everything that `config_path` names (NULL: defaults). All complaints at once.
 * 0, CONFIG_E_INVALID, -errno. */
int generation_load(const char *config_path, struct generation **ret,
                    struct complaints *reterr) must_check_;
/* The rules that there would be with one file of rules or adapters (borrowed) among those that the
 * folders of g's configuration hold now: in the place of the file with its path, else of the one of
 * its name in the last folder that has one, else beside them. *ret_replaced is that one's path, or
 * NULL; to be freed. 0, RULESET_E_INVALID, -errno. */
int generation_try(const struct generation *g, const struct source_file *file, struct ruleset **ret,
                   char **ret_replaced, struct complaints *reterr) must_check_;
/* The same with several files of rules, marked as tried: their rules stand in the place of the
 * files that they replace and of all rules of their ids. only: without the rules of the folders,
 * but with their adapters. */
int generation_try_files(const struct generation *g, const struct source_file *tried,
                         size_t n_tried, bool only, struct ruleset **ret,
                         struct complaints *reterr) must_check_;
struct generation *generation_ref(struct generation *g);
struct generation *generation_unref(struct generation *g);
void generation_unref_p(struct generation **g);
