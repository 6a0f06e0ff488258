/* What the targets of daemon/core share: a check that stops the run in every build, loading, and
 * what must hold for every judgement. */
#pragma once

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/judge.h"
#include "daemon/core/ruleset.h"
#include "proto/base/limits.h"

#define CHECK(condition)                                                                           \
        do {                                                                                       \
                if (!(condition))                                                                  \
                        abort();                                                                   \
        } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void check_text(const struct text *t, size_t most)
{
        CHECK(t->size <= most);
        CHECK(t->data || t->size == 0);
}

static inline void check_part(const struct ruleset *rules, const struct judgement *j,
                              const struct part *p)
{
        CHECK(p->verdict == VERDICT_STORED || p->verdict == VERDICT_IGNORED ||
              p->verdict == VERDICT_INVALID || p->verdict == VERDICT_FORBIDDEN);
        CHECK((p->verdict == VERDICT_STORED) == (p->n_matches > 0));
        CHECK((p->verdict == VERDICT_INVALID) == (p->problem.text[0] != '\0'));
        CHECK((size_t) p->first_match + p->n_matches <= j->n_matches);
        CHECK((size_t) p->offset + p->size <= j->body.size);
        check_text(&p->source, LIMIT_ENVELOPE_BYTES);
        check_text(&p->type, LIMIT_ENVELOPE_BYTES);
        check_text(&p->id, LIMIT_ENVELOPE_BYTES);
        for (unsigned i = 0; i < p->n_matches; i++) {
                const struct match *m = &j->matches[p->first_match + i];

                CHECK(m->rule < ruleset_count(rules) && m->matched < ruleset_count(rules));
                CHECK((m->effect == EFFECT_FAIL) == (m->grade != NULL));
                check_text(&m->title, LIMIT_TITLE_BYTES);
                check_text(&m->found, LIMIT_STATEMENT_BYTES);
        }
}

/* Judge one event; the same again must give the same. */
static inline void judge_twice(struct judge *judge, const struct ruleset *rules,
                               const struct frame *adapter, const uint8_t *data, size_t size)
{
        struct delivery from = {.adapter = *adapter, .peer = "fuzz", .unique = 1};
        struct frame event = {(const char *) data, size};
        const struct judgement *j;
        enum verdict verdict;
        size_t n_parts, n_matches;

        CHECK(judge_frame(judge, rules, &from, &event, &j) == 0);
        CHECK((j->verdict == VERDICT_MAX) == (j->problem.text[0] == '\0'));
        CHECK(j->verdict == VERDICT_MAX || (j->n_parts == 0 && j->n_matches == 0));
        for (size_t i = 0; i < j->n_parts; i++)
                check_part(rules, j, &j->parts[i]);
        verdict = j->verdict;
        n_parts = j->n_parts;
        n_matches = j->n_matches;
        CHECK(judge_frame(judge, rules, &from, &event, &j) == 0);
        CHECK(j->verdict == verdict && j->n_parts == n_parts && j->n_matches == n_matches);
}
