/* What an adapter may look at to find the values of one event: the element, the objects that it
 * stands in, the whole message, and the CloudEvent that the message may come wrapped in. Owned by
 * the judge, which points it at each part; used by mappings and identities. */
#pragma once

#include "daemon/core/view.h"
#include "proto/base/limits.h"

enum origin { /* where a place's path begins */
              ORIGIN_ELEMENT,
              ORIGIN_DOCUMENT, /* the message */
              ORIGIN_ABOVE,    /* the objects around the element, the nearest that has it */
              ORIGIN_ENVELOPE, /* the CloudEvent around the message */
};

struct place {
        const struct path *path;
        enum origin origin;
};

#define INNER_MAX 8U

struct inner { /* a text of the frame that is JSON itself, read once */
        uint64_t stamp;
        uint32_t node;
        bool readable;
        struct json_tape tape;
};

struct scene {
        struct view element;  /* nothing is remembered */
        struct view document; /* what is found stays true for the frame */
        struct view envelope; /* likewise */
        struct view above;    /* as long as the element's parent stays */
        bool wrapped;
        uint32_t around[2 * LIMIT_JSON_DEPTH]; /* objects, from the inside out, up to the message */
        unsigned n_around;
        struct inner inner[INNER_MAX];
        unsigned next_inner;
        struct arena *frame_arena, *part_arena; /* borrowed */
};

void scene_begin(struct scene *s, struct arena *frame_arena, struct arena *part_arena);
void scene_done(struct scene *s);
/* Make room to remember n_paths paths: 0 or -ENOMEM. */
int scene_prepare(struct scene *s, size_t n_paths) must_check_;
/* Look at another document of the frame: /document is this one from now on. */
void scene_document(struct scene *s, uint32_t document, uint64_t stamp);
/* Look at another frame. The message is the frame, or the "data" of a CloudEvent that it is. Its
 * node comes back. */
uint32_t scene_frame(struct scene *s, const struct json_tape *t, uint64_t stamp);

/* The first value at the place; a long text above the element counts as absent (LIMIT_MAPPED_TEXT).
 * 0, VIEW_E_ABSENT, -ENOMEM. */
int place_find(const struct place *p, struct scene *s, struct value *ret) must_check_;
/* The value that the pointer names in the JSON that a text of the frame holds. A text that is no
 * JSON, or longer than LIMIT_JSON_IN_TEXT, has none; neither lists nor objects are found. 0,
 * VIEW_E_ABSENT, -ENOMEM. */
int scene_find_within(struct scene *s, const struct place *from, const struct value *text,
                      const struct path *p, struct value *ret) must_check_;
