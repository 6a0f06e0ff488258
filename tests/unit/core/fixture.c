/* The fixture of the core tests. */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>

static int load(const char *rules, const char *adapters, struct ruleset **ret, struct complaints *c)
{
        const struct source_file files[] = {
                {.kind = SOURCE_RULES, .path = "rules.json", .text = rules, .size = strlen(rules)},
                {.kind = SOURCE_ADAPTERS,
                 .path = "adapters.json",
                 .text = adapters,
                 .size = adapters ? strlen(adapters) : 0},
        };

        return ruleset_load(files, adapters ? 2 : 1,
                            (const char *const[]){"default", "strict", NULL}, ret, c);
}

void fixture_load(struct fixture *f, const char *rules, const char *adapters)
{
        struct complaints c = {0};
        int r;

        *f = (struct fixture){.from.peer = "tester"};
        r = load(rules, adapters, &f->rules, &c);
        if (r != 0)
                fail_msg("the rules do not load: %d %s", r, c.text.data ? c.text.data : "");
        complaints_done(&c);
        assert_int_equal(judge_new(&f->judge), 0);
}

void fixture_done(struct fixture *f)
{
        judge_free(f->judge);
        ruleset_unref(f->rules);
}

char *fixture_complaints(const char *rules, const char *adapters)
{
        struct ruleset *set = NULL;
        struct complaints c = {0};
        char *text;
        int r;

        r = load(rules, adapters, &set, &c);
        assert_true(r >= 0);
        assert_int_equal(r == 0, c.n == 0);
        text = strdup(c.text.data ? c.text.data : "");
        assert_non_null(text);
        complaints_done(&c);
        ruleset_unref(set);
        return text;
}

const struct judgement *judge_bytes(struct fixture *f, const void *event, size_t size)
{
        struct frame frame = {event, size};
        const struct judgement *j = NULL;

        assert_int_equal(judge_frame(f->judge, f->rules, &f->from, &frame, &j), 0);
        return j;
}

const struct judgement *judge_text(struct fixture *f, const char *event)
{
        return judge_bytes(f, event, strlen(event));
}

const struct judgement *judge_data(struct fixture *f, const char *type, const char *data)
{
        static char event[65536];

        assert_true(
                snprintf(event, sizeof(event),
                         "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"test\",\"subject\":"
                         "\"thing\",\"type\":\"%s\",\"data\":%s}",
                         type, data) < (int) sizeof(event));
        return judge_text(f, event);
}

const struct part *only_part(const struct judgement *j)
{
        if (j->verdict != VERDICT_MAX)
                fail_msg("the frame was refused: %s", j->problem.text);
        assert_int_equal(j->n_parts, 1);
        return &j->parts[0];
}

const struct match *match_by(const struct fixture *f, const struct judgement *j, size_t part,
                             const char *rule)
{
        const struct part *p = &j->parts[part];

        for (unsigned i = 0; i < p->n_matches; i++) {
                const struct match *m = &j->matches[p->first_match + i];

                if (strcmp(ruleset_rule_id(f->rules, m->matched), rule) == 0)
                        return m;
        }
        return NULL;
}
