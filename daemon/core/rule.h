/* One rule as read from a file: what it matches and what it says then. In the ruleset's arena,
 * immutable after load. Names of other rules are resolved by ruleset once all files are read. */
#pragma once

#include "daemon/core/control.h"
#include "daemon/core/fingerprint.h"
#include "daemon/core/grade.h"
#include "daemon/core/judge.h"
#include "daemon/core/match.h"
#include "daemon/core/standing.h"
#include "daemon/core/storm.h"
#include "daemon/core/template.h"
#include "daemon/core/window.h"

#define RULE_ID_BYTES 100U

struct rule_reference {
        struct text name;
        uint32_t node; /* in its file, for messages while loading */
        unsigned rule; /* index, once resolved */
};

struct rule_references {
        struct rule_reference *items;
        unsigned n;
};

struct rule {
        const char *id;
        const char *adapter; /* NULL: events of every adapter; "" only CloudEvents */
        bool enabled, triaged;
        enum effect effect;
        struct condition match;   /* of a sequence: any of its steps; with "after": that, or
                                     `awaited` */
        struct condition awaited; /* of effect "missing": the event that must come */
        struct count count;
        struct sequence sequence;
        struct expect expect;
        struct fingerprint_parts fingerprint;
        struct grading grading;
        bool graded; /* has "grade" */
        struct template title, statement, asset;
        const struct path *asset_path;                      /* where "asset" is a plain path */
        struct text title_text, owner, requirement, policy; /* as written */
        struct controls controls;
        struct rule_references clears, instead_of;
        struct rule_references was; /* ids that it had before; not resolved: no rule has them */
        struct text
                fingerprint_changed; /* "keep", "reject": what becomes of what is open; or none */
        struct storm storm;
        struct standing self_close; /* of one that has none: texts without data */
        struct hash hash;           /* of the canonical text */

        const struct reader *reader; /* its file while loading, NULL afterwards */
        uint32_t node;               /* its object there */
};

const char *effect_name(enum effect e);
/* Read the rule at node and check all that needs no other rule. */
int rule_read(struct reader *r, uint32_t node, struct rule *ret) must_check_;
