/* Paths that rules and adapters name, each compiled once per ruleset, however often it is written.
 * A path is an RFC 6901 pointer into the event. For a CloudEvent it goes into the document; for an
 * adapter's event its first segment chooses a part of the view (see view.h). */
#pragma once

#include "proto/json/tape.h"

enum path_error { PATH_E_INVALID = 1 };

enum path_head { /* first segment, as an adapter's event reads it; the envelope's come first */
                 PATH_SOURCE,
                 PATH_ID,
                 PATH_TYPE,
                 PATH_SUBJECT,
                 PATH_TIME,
                 PATH_FIRST_SEEN,
                 PATH_ENVELOPE_MAX,
                 PATH_DATA = PATH_ENVELOPE_MAX,
                 PATH_DOCUMENT,
                 PATH_PARENT,
                 PATH_ENVELOPE, /* the CloudEvent that the message came wrapped in */
                 PATH_FIELD,    /* any other word: a field that the adapter maps */
};

struct path {
        struct json_pointer pointer;
        struct json_pointer tail; /* behind the first segment; borrows the segments of `pointer` */
        enum path_head head;
        unsigned number; /* in its table */
};

struct path_table {
        struct path **items; /* owned, and all that they hold */
        size_t n_items, n_allocated;
};

#define PATH_TABLE_NULL ((struct path_table){0})

void path_table_done(struct path_table *t);
/* "source", "data" and so on; of all but PATH_FIELD. */
const char *path_head_name(enum path_head head);
/* The path with this text, compiled now or before; it lives as long as the table. Refused: what is
 * no pointer, the empty pointer, more than LIMIT_POINTER_SEGMENTS segments.
 * Returns 0, PATH_E_INVALID, -ENOMEM. */
int path_table_add(struct path_table *t, const char *text, size_t size, const struct path **ret,
                   struct problem *reterr) must_check_;
