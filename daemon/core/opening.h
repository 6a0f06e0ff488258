/* Texts of a message that are JSON themselves and hold the lists of its events, as those that SNS
 * carries. Such a text is read once, decoded behind the frame, and its nodes stand on the frame's
 * own tape behind the others: whoever looks at an event has one tape, wherever the event stood.
 * What an event is in the frame as received is the piece of the text that it came in, escaped as it
 * was. Owned by the judge, made anew for each frame; fan-out, redaction and the judge use it. */
#pragma once

#include "daemon/core/adapter.h"
#include "daemon/core/way.h"
#include "proto/base/buffer.h"

#define OPENINGS_MAX 8U

enum opening_error { OPENING_E_MANY = 1 };

struct opening {
        uint32_t text;   /* the string's node */
        uint32_t root;   /* of the document in it */
        size_t at, size; /* its decoded text, on the tape's */
        unsigned lists;  /* of the adapter that look into it, a bit for each */
        uint32_t
                around[LIMIT_JSON_DEPTH]; /* objects that the text stands in, from the inside out */
        unsigned n_around;
        struct json_place place; /* of the event found last */
};

struct openings {
        struct opening items[OPENINGS_MAX];
        unsigned n;
        bool unreadable;      /* a text is no JSON, or longer than LIMIT_JSON_IN_TEXT */
        struct buffer text;   /* the frame, then the decoded texts; used where n > 0 */
        struct json_tape one; /* scratch */
};

void openings_done(struct openings *o);
/* Open the texts that the adapter's lists are in. OPENING_E_MANY: there are more than OPENINGS_MAX
 * of them. 0, OPENING_E_MANY, -ENOMEM. */
int openings_make(struct openings *o, const struct adapter *a, struct json_tape *t,
                  uint32_t message) must_check_;
/* The text that the node came in, or NULL: it stands in the frame itself. */
struct opening *opening_of(struct openings *o, const struct json_tape *t, uint32_t node);
/* Where in the frame the node's own text is; events are asked for in the order of the tape. */
void opening_place(struct opening *o, const struct json_tape *t, uint32_t node, size_t *ret_offset,
                   size_t *ret_size);
