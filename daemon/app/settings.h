/* Numbers that the register works with and that no policy pins to a nonconformity: how long things
 * are kept, what is late, what is a storm. Member "settings" of policy.json, given to the register
 * as a configuration of its own, so that a change of it makes no new version of the policy. One
 * table (settings.c) says name, kind, default, bounds and help; reader, `capad --help-config`,
 * capad(8) and proto/schema/policy.json follow it. */
#pragma once

#include <stdio.h>

#include "daemon/app/document.h"
#include "proto/base/buffer.h"
#include "proto/seal/hash.h"

struct settings {
        struct buffer body;  /* all of them, defaults too, in the form that api.load takes */
        struct hash hash;    /* of that form */
        struct buffer notes; /* a line for each that is allowed, and hardly meant; mostly empty */
};

/* Read the object at a node of d, whose mistakes become complaints; NULL: defaults alone. 0, or
 * -ENOMEM. */
int settings_read(struct document *d, const uint32_t *node, struct settings *s) must_check_;
void settings_done(struct settings *s);
void settings_help(FILE *out);   /* every setting, its default and meaning */
void settings_manual(FILE *out); /* the same for the manual page */
