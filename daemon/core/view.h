/* An event as rules see it, without new JSON. A CloudEvent is its document. An adapter's event is
 * /source /id /type /subject /time /first_seen as mapped, the mapped fields by name, /data the
 * element (without fan-out the message), /document the whole message, /parent what holds the
 * element's list, /envelope the CloudEvent that the message came wrapped in. Made and owned by the
 * judge, one for each part; what is looked up once is remembered for the part. */
#pragma once

#include <stdbool.h>

#include "daemon/core/arena.h"
#include "daemon/core/path.h"
#include "daemon/core/text.h"
#include "proto/base/buffer.h"
#include "proto/json/tape.h"

#define NODE_NONE UINT32_MAX

enum view_error {
        VIEW_E_ABSENT = 1,
        VIEW_E_MANY, /* view_names: more than asked for */
};

struct value {
        enum json_kind kind;
        struct text text; /* string: decoded; else as it stands in the event */
        uint32_t node;    /* on the tape; NODE_NONE of a text that an adapter made */
};

struct mapped { /* a value of the view that an adapter provides */
        bool present;
        struct value value;
};

struct remembered {
        uint64_t stamp; /* of the part or frame it was looked up in */
        bool present;
        struct value value;
};

struct view {
        const struct json_tape *tape;
        bool adapted;     /* by an adapter; else every path goes straight into the element */
        bool wrapped;     /* in a CloudEvent, which is /envelope */
        uint32_t message; /* of an adapted one: 0, or the data of the CloudEvent around it */
        uint32_t element; /* the event; the message without fan-out */
        uint32_t parent;  /* of an adapted one: NODE_NONE where its list is held by nothing */
        struct mapped envelope[PATH_ENVELOPE_MAX];
        const char *const *field_names;
        struct mapped *fields;
        unsigned n_fields;

        struct remembered *memory; /* by path number, n_memory of them */
        size_t n_memory;
        /* Distinct, rising from use to use, never 0; parent_stamp stays while the parent does. */
        uint64_t frame_stamp, parent_stamp, part_stamp;
        struct arena *frame_arena, *part_arena; /* for decoded texts */
        struct buffer scratch;                  /* for one decoded text of a "*" path */
};

/* Make room to remember n_paths paths: 0 or -ENOMEM. view_done frees what the view owns (memory and
 * scratch). */
int view_prepare(struct view *v, size_t n_paths) must_check_;
void view_done(struct view *v);
/* The value of a node; a string with escapes is decoded into the arena. 0 or -ENOMEM. */
int value_of_node(const struct json_tape *t, uint32_t node, struct arena *a,
                  struct value *ret) must_check_;
/* First value that the path names. Valid as long as the part. 0, VIEW_E_ABSENT, -ENOMEM. */
int view_find(struct view *v, const struct path *p, struct value *ret) must_check_;
/* Every value of a "*" path, until fn returns non-zero; returns that, or 0, or -ENOMEM. A value is
 * valid within fn only. */
int view_each(struct view *v, const struct path *p,
              int (*fn)(const struct value *value, void *userdata), void *userdata) must_check_;
/* The names of the members of the object there, of the event itself where the path has no segments,
 * until fn returns non-zero; returns that. None where there is no object. VIEW_E_MANY, and fn is
 * not called: more than `most`. -ENOMEM. A name is valid within fn only. */
int view_names(struct view *v, const struct path *p, uint32_t most,
               int (*fn)(const struct text *name, void *userdata), void *userdata) must_check_;
