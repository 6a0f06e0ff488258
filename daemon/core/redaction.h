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
struct elements;
struct openings;

struct message { /* that is to be redacted */
        const struct json_tape *tape;
        uint32_t node;                   /* the frame, or the data of the CloudEvent around it */
        const struct elements *elements; /* its events */
        const struct openings *openings; /* texts that hold some of them */
};

/* Rewrite the frame on the tape without what is to be redacted: a value becomes one of the same
 * kind ("[redacted]", 0, false, null, [], {}), a text that a pattern hits is written anew with
 * "[redacted]" in the places, and whole where it is longer than LIMIT_PATTERN_TEXT; a text that was
 * opened is written anew around what was taken out of it. *ret_hits tells which redactions took
 * something: a row of list->n for what no element holds, then one for each element; in the arena.
 * Appends nothing to b where none did. 0 or -ENOMEM. */
int redactions_apply(const struct redactions *list, const struct message *m, struct arena *a,
                     bool **ret_hits, struct buffer *b) must_check_;
