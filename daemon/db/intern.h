/* Numbers for distinct byte strings, given in order of first appearance. Open addressing; memory is
 * kept by intern_clear. Inner to daemon/db. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/buffer.h"

struct intern {
        struct buffer bytes; /* all strings, one behind the other */
        size_t *ends;        /* where each string ends in bytes, by number */
        unsigned n_ends;     /* allocated */
        struct intern_slot *slots;
        unsigned n_slots, n; /* n: strings so far */
};

void intern_done(struct intern *i);
void intern_clear(struct intern *i);
/* Number of the string, and whether it is a new one. 0 or -ENOMEM. */
int intern_number(struct intern *i, const void *data, size_t size, unsigned *ret_number,
                  bool *ret_new) must_check_;
/* The string of a number below i->n; lives until the next call that changes i. */
const char *intern_string(const struct intern *i, unsigned number, size_t *ret_size);
