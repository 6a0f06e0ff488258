/* From one received frame to what it means: adapter, envelope, fan-out, rules. Pure: no socket, no
 * database, no clock, no log. The judgement borrows the frame's bytes and owns the rest; a judge
 * is scratch memory that is reused from frame to frame. Called by app for every event frame,
 * whatever way it came in. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "daemon/core/text.h"
#include "proto/base/buffer.h"
#include "proto/base/problem.h"
#include "proto/json/tape.h"
#include "proto/seal/hash.h"
#include "proto/wire/code.h"
#include "proto/wire/frame.h"

struct ruleset;

/* Of the daemon's own events that say what did not come in time; nobody else may send them. */
#define EXPECTATION_TYPE   "org.capad.expectation.missed.v1"
#define EXPECTATION_SOURCE "capad"

enum effect { EFFECT_FAIL, EFFECT_PASS, EFFECT_IGNORE, EFFECT_MISSING };

struct match {
        unsigned rule;           /* index in the ruleset; of a pass rule, the rule that it clears */
        unsigned matched;        /* index of the rule that matched; == rule but for pass rules */
        enum effect effect;      /* EFFECT_FAIL, EFFECT_PASS; EFFECT_MISSING: from this event on
                                    another one is expected */
        struct hash fingerprint; /* of `rule` */
        const struct hash *was;  /* the same under the ids that `rule` had before; of the part */
        unsigned n_was;
        const char *grade; /* static name: critical major minor observation ofi; NULL for a pass */
        struct text title, found, asset; /* rendered; found is the statement's second part */
        struct text controls;            /* what it is filed under, as a JSON list */
        bool takes_controls;             /* the event named some of them */
        struct text subject;             /* of a rule that expects events: the value of "by" */
        struct hash by, value; /* what a count is by, and the value that must be distinct */
        bool has_by, has_value;
        bool grows;    /* of an own event: no pass came, so the grade grows, and nothing else */
        unsigned step; /* of a sequence: which of its events this is, from 1 */
};

struct part { /* one event of a frame; without fan-out the only one */
        struct text source, id, type, subject;
        int64_t observed_us;    /* the event's own time, 0 where absent or unreadable */
        int64_t first_seen_us;  /* start of a standing state that a tool repeats, 0 where absent */
        uint32_t offset, size;  /* the bytes in the frame that are this event; the whole frame
                                   without fan-out */
        uint8_t key[KEY_BYTES]; /* identity: source and id (of adapters: delivery and body hash, see
                                   SEMANTICS 1) */
        enum verdict verdict;   /* VERDICT_STORED: goes to the database with its matches;
                                   VERDICT_IGNORED: no rule matched; VERDICT_INVALID,
                                   VERDICT_FORBIDDEN: refused, see problem */
        bool counted_only;      /* a rule with effect ignore matched: counted, not stored */
        struct text redacted;   /* JSON list of the adapter's entries that took something out of
                                   it, or of what all parts share; data is NULL where none did */
        unsigned first_match, n_matches; /* in judgement.matches */
        unsigned
                n_unknown;  /* comparisons with a missing field, or of kinds that have no order, in
                   the rules that this event had to meet, and what should be a control and is none */
        struct text fields; /* of judge_show: the adapter's fields, as a JSON object */
        struct problem problem;
};

struct judgement {
        enum verdict verdict; /* of the frame as a whole, if it failed before fan-out: TOO_BIG,
                                 INVALID, FORBIDDEN; else VERDICT_MAX and the parts speak */
        struct problem problem;
        struct hash body_hash; /* SHA-256 of the frame as received */
        const char *adapter;   /* name as loaded, "" for CloudEvents; borrowed from the ruleset */
        struct text body;      /* the bytes to store: the frame, or the frame after the adapter's
                                  redaction; parts' offsets are in it */
        struct text redacted;  /* the same as of the parts, of the whole message */
        struct part *parts;
        size_t n_parts; /* 0 without a verdict: an adapter's list that is empty; nothing to store */
        struct match *matches;
        size_t n_matches;
};

struct delivery { /* how the frame came: what an adapter makes identities of, and what the envelope
                     lacks */
        struct frame adapter;    /* name as sent; empty = CloudEvents */
        const char *peer;        /* the principal's name, never NULL */
        struct frame request_id; /* shorter than LIMIT_REQUEST_ID_SAFE: `unique` is used instead */
        uint64_t unique;         /* never repeated by this daemon (boot salt + counter) */
        unsigned frame_index;    /* of the event frame within the request */
        bool own;                /* made by this daemon itself: what did not come in time */
        const char *const *sources; /* prefixes that this principal may use, NULL-terminated; NULL =
                                       any */
};

struct judge;
int judge_new(struct judge **ret) must_check_;
struct judge *judge_free(struct judge *j);
void judge_free_p(struct judge **j);

/* Judge one frame. *ret is valid until the next judge_frame with this judge, and borrows `event`.
 * Bad input is a verdict, not an error: returns 0 or -ENOMEM. An unknown adapter is
 * VERDICT_INVALID with a problem that lists the known ones. */
int judge_frame(struct judge *j, const struct ruleset *rules, const struct delivery *from,
                const struct frame *event, const struct judgement **ret) must_check_;

/* The same, and append why each rule matched or not, for `capactl rules explain`:
 *   {"status":null or a
 * verdict,"error","parts":[{"source","type","subject","status","error","rules":
 *    [{"rule","effect","truth":"yes"|"no"|"unknown","why"?,"conditions":[{"path","asked","truth","value"}],
 *      "controls"?:[],"dropped"?:[],"then"?,"matches"?:[{"effect","rule","grade","fingerprint",
 *      "asset"}]}]}]}
 * controls and dropped: of a rule that matches and takes controls from events, what it found, and
 * what was no control. then: what a rule that matches comes to, as a sentence; matches: what it
 * says to the register. Parts that were refused before rules are left out. 0 or -ENOMEM. */
int judge_explain(struct judge *j, const struct ruleset *rules, const struct delivery *from,
                  const struct frame *event, struct buffer *b) must_check_;

/* The same, and append what the frame becomes, for `capactl adapters test`:
 *   {"status":null or a verdict,"error","redacted":[],"stored","parts":[{"status","error","source",
 *    "type","subject","id","time","first_seen","from","bytes","counted_only","fields":{},"redacted":[],
 *    "matches":[{"rule","effect","clears","grade","title","statement","asset","controls":[],"fingerprint"}]}]}
 * Long values are cut; "stored" is what is stored instead of the frame, null where nothing is
 * redacted. 0 or -ENOMEM. */
int judge_show(struct judge *j, const struct ruleset *rules, const struct delivery *from,
               const struct frame *event, struct buffer *b) must_check_;
