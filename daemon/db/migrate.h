/* Brings a database to this program's version of the register: roles, migrations, functions,
 * rights. Blocking; run by `capad migrate`, never by the daemon. Safe to repeat and to run from
 * several places. */
#pragma once

#include "proto/base/problem.h"

enum migrate_error {
        MIGRATE_E_REFUSED = 1, /* the problem says what and where */
};

/* Called for each thing done, for people. */
typedef void (*migrate_fn)(const char *what, const char *name, void *userdata);

int migrate(const char *conninfo, migrate_fn done, void *userdata,
            struct problem *reterr) must_check_;
