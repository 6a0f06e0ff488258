/* Sentences only: what they say is decided in apply.c, by the same conditions. */
#include "daemon/core/outcome.h"

#include <errno.h>
#include <string.h>

/* Whether a rule has anything to do with the part. */
static int rule_matches(struct applier *a, const struct rule *rule, const char *adapter,
                        bool *ret_matches)
{
        unsigned n_unknown = 0;
        enum truth truth = TRUTH_NO;
        int r = 0;

        if (rule->enabled && (!rule->adapter || strcmp(rule->adapter, adapter) == 0))
                r = condition_decide(&rule->match, &a->view, &n_unknown, &truth);
        *ret_matches = r == 0 && truth == TRUTH_YES;
        return r;
}

static bool stands_instead(const struct rule *rule, unsigned number)
{
        for (unsigned i = 0; i < rule->instead_of.n; i++)
                if (rule->instead_of.items[i].rule == number)
                        return true;
        return false;
}

/* The rule that keeps this one from counting; *ret is NULL where none does. */
static int stronger(struct applier *a, const struct ruleset *rules, const char *adapter,
                    unsigned number, const struct rule **ret)
{
        *ret = NULL;
        for (unsigned i = 0; i < rules->n_rules; i++) {
                const struct rule *rule = &rules->rules[i];
                bool ignores = rule->effect == EFFECT_IGNORE && i != number, matches;
                int r;

                if (!ignores && (*ret || !stands_instead(rule, number)))
                        continue;
                r = rule_matches(a, rule, adapter, &matches);
                if (r < 0)
                        return r;
                if (matches)
                        *ret = rule;
                if (matches && ignores)
                        return 0;
        }
        return 0;
}

static void say_clears(const struct ruleset *rules, const struct rule *rule, struct buffer *b)
{
        for (unsigned i = 0; i < rule->clears.n; i++)
                buffer_printf(b, "%s%s", i > 0 ? ", " : "it is a pass of ",
                              rules->rules[rule->clears.items[i].rule].id);
}

static int say_sequence(struct applier *a, const struct rule *rule, struct buffer *b)
{
        const struct sequence *s = &rule->sequence;

        for (unsigned i = 0; i < s->n_steps; i++) {
                unsigned n_unknown = 0;
                enum truth truth;
                int r;

                r = condition_decide(&s->steps[i], &a->view, &n_unknown, &truth);
                if (r < 0)
                        return r;
                if (truth == TRUTH_YES)
                        buffer_printf(b, "it is step %u of %u, ", i + 1, s->n_steps);
        }
        buffer_printf(b, "which raise when all came%s within ", s->ordered ? " in order" : "");
        duration_to_text(&s->within, b);
        return 0;
}

static int say_expected(struct applier *a, const struct rule *rule, struct buffer *b)
{
        const struct expect *e = &rule->expect;
        unsigned n_unknown = 0;
        enum truth truth = TRUTH_NO;
        int r = 0;

        if (e->kind == EXPECT_AFTER)
                r = condition_decide(&e->after, &a->view, &n_unknown, &truth);
        if (r < 0)
                return r;
        if (truth != TRUTH_YES) {
                buffer_add_str(b, "it is what the rule expects, and its pass");
                return 0;
        }
        buffer_add_str(b, "from now on the rule expects another event within ");
        duration_to_text(&e->every, b);
        return 0;
}

static int say_own(struct applier *a, const struct ruleset *rules, const struct rule *rule,
                   struct buffer *b)
{
        if (rule->effect == EFFECT_IGNORE)
                buffer_add_str(b, "it is counted and not kept, whatever other rules say");
        else if (rule->effect == EFFECT_PASS)
                say_clears(rules, rule, b);
        else if (rule->effect == EFFECT_MISSING)
                return say_expected(a, rule, b);
        else if (rule->sequence.n_steps > 0)
                return say_sequence(a, rule, b);
        else if (rule->count.n > 0) {
                buffer_printf(b, "it is counted, and number %u within ", rule->count.n);
                duration_to_text(&rule->count.within, b);
                buffer_add_str(b, " raises");
        } else
                buffer_add_str(b, "it raises, or is an occurrence of what was raised");
        return 0;
}

int outcome_of(struct applier *a, const struct ruleset *rules, const char *adapter, unsigned number,
               struct buffer *b)
{
        const struct rule *other;
        int r;

        r = stronger(a, rules, adapter, number, &other);
        if (r < 0)
                return r;
        if (!other)
                return say_own(a, rules, &rules->rules[number], b);
        buffer_printf(b,
                      other->effect == EFFECT_IGNORE
                              ? "nothing: rule %s ignores the event, and that beats all others"
                              : "nothing: rule %s stands in its place (instead_of)",
                      other->id);
        return buffer_status(b);
}
