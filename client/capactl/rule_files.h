/* Files of rules and adapters that a call takes along, for rules check, test and replay. */
#pragma once

#include "client/capactl/arguments.h"
#include "client/capactl/params.h"

/* Add "files": all that the arguments name, of a folder those whose names end in .json. None: no
 * parameter. 0, PARAMS_E_USAGE, -ENOMEM. */
int rule_files_add(struct params *p, const struct arguments *a, struct problem *reterr) must_check_;
