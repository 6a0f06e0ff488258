/* What makes two events the same nonconformity: SHA-256 over
 *   the rule id, then each part
 *   rule id: its length as uint32 big-endian, its bytes
 *   part:    a letter, the length of its bytes as uint32 big-endian, its bytes
 *   letters: s a string, decoded; n a number, its text in the event; b "true" or "false";
 *            z missing or null (no bytes), only where the rule says "missing": "null"
 * Changing this parts all open nonconformities from their events. */
#pragma once

#include "daemon/core/view.h"
#include "proto/seal/hash.h"

enum fingerprint_error { FINGERPRINT_E_PART = 1 };

struct fingerprint_parts {
        const struct path **paths;
        unsigned n;
        bool null_if_missing;
        bool as_text;     /* numbers and truths count as the texts they are written as */
        const char *what; /* that it is for, in messages; NULL: fingerprint */
};

/* The fingerprint of a single part that is this text. */
void fingerprint_of_text(const char *rule_id, const struct text *t, struct hash *ret);

/* The fingerprint under `rule_id`. FINGERPRINT_E_PART: a part is missing, too long, a list or an
 * object; the problem names `from`, the rule that asks, and the path. 0, FINGERPRINT_E_PART,
 * -ENOMEM. */
int fingerprint_make(const struct fingerprint_parts *parts, const char *rule_id, const char *from,
                     struct view *v, struct hash *ret, struct problem *reterr) must_check_;
