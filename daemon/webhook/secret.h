/* Who may post: what a request shows against what its route knows. Pure: no socket, no file, no
 * log. Used by config (owns the secrets) and exchange (asks). Secrets are wiped when freed,
 * compared in a time that doesn't depend on them, and appear in no message. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "proto/base/problem.h"

struct secret {
        char *bytes;
        size_t size;
};

struct secrets { /* one a line of the file, so that a new one can be taken up before the old one
                    goes */
        struct secret *list;
        size_t n;
};

/* The lines of a file; blank ones and those that begin with # are passed over. 0, 1 with a problem
 * (without the text), -ENOMEM. *ret is replaced. */
int secrets_read(struct secrets *ret, const char *text, size_t size,
                 struct problem *reterr) must_check_;
void secrets_done(struct secrets *s);

/* Is this one of them? NULL never is. */
bool secret_matches(const struct secrets *s, const char *given);
/* The same of "Bearer TOKEN" (RFC 6750; the word in any case). */
bool secret_matches_bearer(const struct secrets *s, const char *authorization);
/* The same of "Basic BASE64" (RFC 7617): the password, whoever the user. */
bool secret_matches_basic(const struct secrets *s, const char *authorization);
/* Is header a signature of body by one of them: HMAC-SHA-256 in hex behind "sha256=" (GitHub) or
 * "v1=" (PagerDuty), several with commas between. */
bool secret_signed(const struct secrets *s, const char *header, const void *body, size_t size);
