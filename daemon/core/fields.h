/* What a rule asks for and its adapter does not make: a misspelt field would never match, and
 * nobody would hear of it. Called while a ruleset loads. */
#pragma once

#include "daemon/core/adapter.h"
#include "daemon/core/rule.h"

/* Complain about each path of the rule that names neither a part of every event nor a field of the
 * adapter whose events it is for. */
void fields_check(const struct rule *rule, const struct adapter *a);
