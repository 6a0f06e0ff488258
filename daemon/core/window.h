/* What a rule says of several events together: "count" (only from the n-th), "sequence" (only when
 * complete) and "expect" (an event that must come). Read here and told to the register
 * (ruleset_describe), which does the counting: core sees one event at a time and says only what it
 * is counted by. In the ruleset's arena, immutable after load. */
#pragma once

#include "daemon/core/cron.h"
#include "daemon/core/fingerprint.h"
#include "daemon/core/match.h"
#include "proto/duration/duration.h"

#define WINDOW_EVENTS_MAX 1000U /* of a count: each event looks at those before it */
#define SEQUENCE_MAX      16U
#define SUBJECTS_MAX      10000U
#define SUBJECT_BYTES     1024U

struct count {
        unsigned n; /* 0: the rule has none */
        struct duration within;
        struct fingerprint_parts by; /* .n == 0: the fingerprint */
        const struct path *distinct; /* NULL: events, not values */
        bool receipt;                /* windows by receipt, not by observed time */
};

struct sequence {
        struct condition *steps;
        unsigned n_steps; /* 0: the rule has none */
        bool ordered;
        struct duration within;
        struct fingerprint_parts by;
};

enum expect_kind { EXPECT_NONE, EXPECT_EVERY, EXPECT_CRON, EXPECT_AFTER };

struct expect {
        enum expect_kind kind;
        struct duration every; /* of EXPECT_AFTER: within */
        bool has_within;
        struct cron cron;
        struct text zone; /* without data: UTC */
        struct duration grace;
        const struct path *by; /* NULL: /subject */
        struct text *subjects;
        unsigned n_subjects;    /* 0: each from when it is first seen */
        struct condition after; /* of EXPECT_AFTER: the event that another must follow */
};

/* Each reads the object at node. Returns 0 or -ENOMEM; what is wrong with it is a complaint. */
int count_read(struct reader *r, uint32_t node, struct count *ret) must_check_;
int sequence_read(struct reader *r, uint32_t node, struct sequence *ret) must_check_;
int expect_read(struct reader *r, uint32_t node, struct expect *ret) must_check_;
/* A duration that is more than nothing. */
int window_read(struct reader *r, uint32_t node, struct duration *ret) must_check_;
