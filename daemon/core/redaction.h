/* What an adapter takes out of a message before anything else looks at it or keeps it: values at
 * places, values under a name wherever it stands, or only what an expression finds in such texts.
 * Read at load, immutable afterwards; applied by judge. */
#pragma once

#include "daemon/core/mapping.h"

struct redaction {
        struct place place;      /* path is NULL: */
        struct text anywhere;    /* the name of a member, whatever its letters' case */
        struct pattern *pattern; /* NULL: the whole value; else all that it finds in it */
        const char *text;        /* how the record of the redaction names it */
};

struct redactions {
        struct redaction *items;
        unsigned n;
};

int redactions_read(struct reader *r, uint32_t node, struct redactions *ret) must_check_;
/* Rewrite the frame on the tape without what is to be redacted: a value becomes one of the same
 * kind ("[redacted]", 0, false, null, [], {}), a text that a pattern hits is written anew with
 * "[redacted]" in the places, and whole where it is longer than LIMIT_PATTERN_TEXT. `message` is
 * the message's node, elements are its events, in the order of the frame. *ret_hits tells which
 * redactions took something: a row of list->n for what no element holds, then one for each element;
 * in the arena. Appends nothing to b where none did. 0 or -ENOMEM. */
int redactions_apply(const struct redactions *list, const struct json_tape *t, uint32_t message,
                     const uint32_t *elements, uint32_t n_elements, struct arena *a,
                     bool **ret_hits, struct buffer *b) must_check_;
