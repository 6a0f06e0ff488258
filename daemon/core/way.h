/* The way from a document's node down to one in it, and the objects on it. Nodes asked for one
 * after the other in the order of the text cost one walk over the document. Used for what lies
 * around an event (adapted.c) and around a text that is opened (opening.c). */
#pragma once

#include "proto/base/limits.h"
#include "proto/json/tape.h"

struct way {
        struct step {
                uint32_t container, child;
        } steps[LIMIT_JSON_DEPTH];
        unsigned depth;
};

/* Go on from the node asked for before, if there was one; `base` holds both, or is the node itself.
 */
void way_find(struct way *w, const struct json_tape *t, uint32_t base, uint32_t node);
/* The objects on it, from the inside out: how many. */
unsigned way_objects(const struct way *w, const struct json_tape *t,
                     uint32_t ret[LIMIT_JSON_DEPTH]);
