/* The two forms of capactl emit that never end. Called by command_emit.c with a connected session.
 */
#pragma once

#include "client/capactl/session.h"

int emit_follow(struct session *s, const struct arguments *a) must_check_;
int emit_journal(struct session *s, const struct arguments *a) must_check_;
