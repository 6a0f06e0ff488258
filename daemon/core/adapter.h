/* What makes events of a tool's own messages: where the single events are in a frame, and how the
 * envelope is found in each. Read from a file at load, in the ruleset's arena, immutable
 * afterwards. Applied by judge. */
#pragma once

#include "daemon/core/mapping.h"
#include "daemon/core/redaction.h"
#include "proto/seal/hash.h"

struct list { /* of events */
        const struct path
                *text; /* of a text that is JSON itself, where the list is in it; or NULL */
        const struct path *path; /* ends with "*"; in the message, or in the text's document */
        struct json_pointer container; /* the path up to its first "*"; borrows its segments */
};

struct adapter {
        const char *id;
        const char *description; /* NULL: there is none */
        const char *file;        /* its path */
        struct list *each; /* the elements of all of them are the events; none: a message is one */
        unsigned n_each;
        bool optional; /* a message without any of the lists holds no event, and is no mistake */
        struct mapping envelope[PATH_ENVELOPE_MAX]; /* PATH_ID is unused: see delivery */
        const char **field_names;
        struct mapping *fields;
        unsigned n_fields;
        struct place *delivery; /* the tool's own number of this delivery; n_delivery may be 0 */
        unsigned n_delivery;
        struct redactions redact;
        struct hash hash; /* of the canonical text */

        const struct reader *reader; /* its file while loading, NULL afterwards */
        uint32_t node;
};

int adapter_read(struct reader *r, uint32_t node, struct adapter *ret) must_check_;
