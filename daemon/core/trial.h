/* Test events in the files of rules and adapters, and what is expected of them. Read with the
 * files, run by ruleset_test through the same judge as real events. */
#pragma once

#include "daemon/core/judge.h"
#include "daemon/core/reader.h"

struct expectation {      /* one match; what is absent is not looked at */
        struct text rule; /* the one that matched */
        struct text clears, effect, grade, title, statement, asset, fingerprint;
        struct text controls; /* JSON list without blanks */
        int64_t part;         /* -1: any */
};

struct expected_part {
        struct text source, type, subject, id, time, first_seen, status;
        struct text redacted; /* as of the whole event */
};

struct trial {
        const char *path; /* of the file; in the ruleset's arena */
        unsigned line, column;
        struct text name, adapter, event;
        bool has_matches, has_parts, has_verdict;
        struct expectation *matches; /* exactly these */
        unsigned n_matches;
        struct expected_part *parts; /* exactly these, in order */
        unsigned n_parts;
        struct text
                redacted; /* JSON list of what is redacted, without blanks; NULL: not looked at */
        struct text
                verdict; /* of the frame: "invalid", "too_big"; or of all parts: "ignored", ... */
};

int trial_read(struct reader *r, uint32_t node, struct trial *ret) must_check_;
