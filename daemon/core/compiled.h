/* The inside of a ruleset, for the files of core that read it. Everything hangs in one arena. */
#pragma once

#include "daemon/core/adapter.h"
#include "daemon/core/index.h"
#include "daemon/core/rule.h"
#include "daemon/core/ruleset.h"
#include "daemon/core/trial.h"

struct ruleset {
        unsigned n_references;
        struct arena arena;
        struct path_table paths;
        struct pattern *patterns;
        struct rule *rules; /* by id */
        unsigned n_rules;
        struct adapter *adapters; /* by id */
        unsigned n_adapters;
        struct trial *trials; /* the test events of the files */
        unsigned n_trials;
        struct index index;
        struct hash hash;
};

/* Index of the rule with this id, or -1. */
int ruleset_find(const struct ruleset *r, const char *id);
