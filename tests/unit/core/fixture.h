/* What the tests of daemon/core share: a ruleset from texts, a judge, and short ways to judge an
 * event and look at what came out. Failures of the fixture itself fail the test. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "daemon/core/judge.h"
#include "daemon/core/ruleset.h"

struct fixture {
        struct ruleset *rules;
        struct judge *judge;
        struct delivery
                from; /* as the next event comes; adapter and sources may be set by the test */
};

/* Rules and adapters as JSON texts; adapters may be NULL. Fails the test where they do not load. */
void fixture_load(struct fixture *f, const char *rules, const char *adapters);
void fixture_done(struct fixture *f);
/* What loading says: the complaints, malloc()ed; "" where there were none. */
char *fixture_complaints(const char *rules, const char *adapters);

const struct judgement *judge_text(struct fixture *f, const char *event);
const struct judgement *judge_bytes(struct fixture *f, const void *event, size_t size);
/* A CloudEvent with this type and data ("{...}" or any JSON). */
const struct judgement *judge_data(struct fixture *f, const char *type, const char *data);
/* The only part. */
const struct part *only_part(const struct judgement *j);
/* The match by this rule in this part, or NULL. */
const struct match *match_by(const struct fixture *f, const struct judgement *j, size_t part,
                             const char *rule);

#define assert_text(got, expected)                                                                 \
        do {                                                                                       \
                const struct text *t_ = &(got);                                                    \
                const char *e_ = (expected);                                                       \
                                                                                                   \
                if (!t_->data || t_->size != strlen(e_) || memcmp(t_->data, e_, t_->size) != 0)    \
                        fail_msg("\"%.*s\" is not \"%s\"", (int) t_->size,                         \
                                 t_->data ? t_->data : "", e_);                                    \
        } while (0)

#define assert_contains(text, part)                                                                \
        do {                                                                                       \
                if (!strstr((text), (part)))                                                       \
                        fail_msg("\"%s\" does not contain \"%s\"", (text), (part));                \
        } while (0)
