/* One adapter, one rule that shows what it found, and messages written with ' for ". */
#include "language.h"

#include <stdlib.h>

#define RULE                                                                                       \
        "{'id':'r','title':'{/a} {/b} {/c} "                                                       \
        "{/d}','effect':'fail','match':{'path':'/type','exists':"                                  \
        "true},'fingerprint':['/source']}"

char *quoted(const char *s)
{
        char *copy = strdup(s);

        assert_non_null(copy);
        for (char *p = copy; *p; p++)
                if (*p == '\'')
                        *p = '"';
        return copy;
}

void load(struct fixture *f, const char *adapter)
{
        char *rules = quoted(RULE), *adapters = quoted(adapter);

        fixture_load(f, rules, adapters);
        f->from.adapter = (struct frame){"x", 1};
        free(rules);
        free(adapters);
}

const struct judgement *hear(struct fixture *f, const char *event)
{
        static char *kept;

        free(kept);
        kept = quoted(event);
        return judge_text(f, kept);
}

void expect(const struct judgement *j, size_t part, const char *title)
{
        if (j->verdict != VERDICT_MAX)
                fail_msg("refused: %s", j->problem.text);
        assert_true(part < j->n_parts);
        if (j->parts[part].verdict != VERDICT_STORED)
                fail_msg("part %zu: %s", part, j->parts[part].problem.text);
        assert_text(j->matches[j->parts[part].first_match].title, title);
}

void assert_redacted(const struct judgement *j, size_t part, const char *expected)
{
        assert_true(part < j->n_parts);
        if (*expected)
                assert_text(j->parts[part].redacted, expected);
        else
                assert_null(j->parts[part].redacted.data);
}
