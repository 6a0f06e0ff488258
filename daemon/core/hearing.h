/* One call of judge_frame: what its two halves share, the CloudEvents of judge.c and the adapters'
 * events of adapted.c. */
#pragma once

#include "daemon/core/apply.h"
#include "daemon/core/fanout.h"
#include "daemon/core/judge.h"
#include "daemon/core/scene.h"

struct judge {
        struct json_tape tape;
        struct arena frame_arena, part_arena;
        struct applier applier;
        struct scene scene;
        uint64_t stamp; /* of frames and parts, rising */
        struct part *parts;
        size_t n_allocated;
        struct mapped *fields; /* of the adapter at work, for the view */
        size_t n_fields;
        struct buffer body; /* the frame after redaction */
        struct openings openings;
        bool shows; /* somebody wants to see the fields of the parts */
        struct judgement result;
};

struct hearing {
        struct judge *judge;
        const struct ruleset *rules;
        const struct delivery *from;
        const struct frame *event;
};

/* Make n empty parts: 0 or -ENOMEM. */
int judge_parts(struct judge *j, size_t n) must_check_;
/* May this principal send events of this source? If not, the part becomes VERDICT_FORBIDDEN. */
bool part_forbidden(struct part *part, const struct delivery *from);
/* The tape holds the frame: fan out, map, apply. 0 or -ENOMEM. */
int judge_adapted(struct hearing *h, const struct adapter *a) must_check_;
