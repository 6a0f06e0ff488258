/* Decides every rule in full, not only the candidates, and writes down each condition's outcome. */
#include "daemon/core/explain.h"
#include "daemon/core/outcome.h"

#include <errno.h>
#include <string.h>

#define SHOWN_BYTES 200U /* of a value */

struct explanation {
        struct applier *applier;
        const struct ruleset *rules;
        const char *adapter;
        const struct part *part;
        struct buffer *out;
        bool first; /* condition of a rule */
};

static const char *truth_name(enum truth t)
{
        return t == TRUTH_YES ? "yes" : t == TRUTH_NO ? "no" : "unknown";
}

static void add_text(struct buffer *b, const char *key, const struct text *t)
{
        buffer_printf(b, "\"%s\":", key);
        if (t->data)
                buffer_add_json_string(b, t->data, t->size);
        else
                buffer_add_str(b, "null");
}

static int add_value(struct explanation *e, const struct path *p)
{
        struct value value;
        int r;

        r = view_find(&e->applier->view, p, &value);
        if (r < 0)
                return r;
        if (r > 0) {
                buffer_add_str(e->out, "null");
                return 0;
        }
        buffer_clear(&e->applier->scratch);
        text_render(&value.text, SHOWN_BYTES, &e->applier->scratch);
        buffer_add_json_string(e->out, e->applier->scratch.data ? e->applier->scratch.data : "",
                               e->applier->scratch.size);
        return buffer_status(&e->applier->scratch);
}

static int explain_condition(struct explanation *e, const struct condition *c)
{
        unsigned n_unknown = 0;
        enum truth truth;
        int r;

        for (unsigned i = 0; i < c->n_children; i++) {
                r = explain_condition(e, &c->children[i]);
                if (r < 0)
                        return r;
        }
        if (c->kind != CONDITION_PATH)
                return 0;
        r = path_decide(c->path, &c->tests, &e->applier->view, &n_unknown, &truth);
        if (r < 0)
                return r;
        buffer_add_str(e->out, e->first ? "{\"path\":" : ",{\"path\":");
        e->first = false;
        buffer_add_json_cstr(e->out, c->path->pointer.text);
        buffer_add_str(e->out, ",\"asked\":");
        buffer_add_json_cstr(e->out, c->asked);
        buffer_printf(e->out, ",\"truth\":\"%s\",\"value\":", truth_name(truth));
        r = add_value(e, c->path);
        buffer_add_char(e->out, '}');
        return r;
}

/* What the nonconformity would be filed under, where events have a say in it. */
static int explain_controls(struct explanation *e, const struct controls *controls)
{
        struct found_controls found;
        int r;

        r = controls_find(controls, &e->applier->view, e->applier->arena, &found);
        if (r < 0)
                return r;
        buffer_add_str(e->out, ",\"controls\":");
        texts_to_json(found.items, found.n, e->out);
        buffer_add_str(e->out, ",\"dropped\":");
        texts_to_json(found.dropped, MIN(found.n_dropped, CONTROLS_MAX), e->out);
        return 0;
}

/* What the rule says to the register of this part, as of judge_show. */
static void explain_matches(struct explanation *e, unsigned number)
{
        const struct match *m = &e->applier->matches[e->part->first_match];
        bool first = true;

        buffer_add_str(e->out, ",\"matches\":[");
        for (unsigned i = 0; i < e->part->n_matches; i++) {
                char hex[2 * HASH_BYTES + 1];

                if (m[i].matched != number)
                        continue;
                hash_hex(&m[i].fingerprint, hex);
                buffer_printf(e->out, "%s{\"effect\":\"%s\",\"rule\":", first ? "" : ",",
                              effect_name(m[i].effect));
                first = false;
                buffer_add_json_cstr(e->out, e->rules->rules[m[i].rule].id);
                buffer_add_str(e->out, ",\"grade\":");
                buffer_add_json_cstr(e->out, m[i].grade);
                buffer_printf(e->out, ",\"fingerprint\":\"%s\",", hex);
                add_text(e->out, "asset", &m[i].asset);
                buffer_add_char(e->out, '}');
        }
        buffer_add_char(e->out, ']');
}

/* What a rule that matches comes to. */
static int explain_outcome(struct explanation *e, unsigned number)
{
        cleanup_(buffer_done) struct buffer sentence = BUFFER_NULL;
        int r;

        r = outcome_of(e->applier, e->rules, e->adapter, number, &sentence);
        if (r < 0)
                return r;
        buffer_add_str(e->out, ",\"then\":");
        buffer_add_json_string(e->out, sentence.data, sentence.size);
        explain_matches(e, number);
        return buffer_status(&sentence);
}

/* Why a rule is out before its conditions are looked at, or NULL. */
static const char *why_out(const struct explanation *e, const struct rule *rule)
{
        if (!rule->enabled)
                return "the rule is not enabled";
        if (rule->adapter && strcmp(rule->adapter, e->adapter) != 0)
                return "the rule is for events of another adapter";
        return NULL;
}

static int explain_rule(struct explanation *e, unsigned number)
{
        const struct rule *rule = &e->rules->rules[number];
        const char *why = why_out(e, rule);
        unsigned n_unknown = 0;
        enum truth truth;
        int r;

        r = condition_decide(&rule->match, &e->applier->view, &n_unknown, &truth);
        if (r < 0)
                return r;
        buffer_add_str(e->out, "{\"rule\":");
        buffer_add_json_cstr(e->out, rule->id);
        buffer_printf(e->out, ",\"effect\":\"%s\",\"truth\":\"%s\"", effect_name(rule->effect),
                      truth_name(why ? TRUTH_NO : truth));
        if (why) {
                buffer_add_str(e->out, ",\"why\":");
                buffer_add_json_cstr(e->out, why);
        }
        buffer_add_str(e->out, ",\"conditions\":[");
        e->first = true;
        r = explain_condition(e, &rule->match);
        buffer_add_char(e->out, ']');
        if (r == 0 && !why && truth == TRUTH_YES && controls_take(&rule->controls))
                r = explain_controls(e, &rule->controls);
        if (r == 0 && !why && truth == TRUTH_YES)
                r = explain_outcome(e, number);
        buffer_add_char(e->out, '}');
        return r;
}

int explain_part(struct applier *a, const struct ruleset *rules, const char *adapter,
                 const struct part *part, struct buffer *b)
{
        struct explanation e = {a, rules, adapter, part, b, true};
        struct text error = {part->problem.text, strlen(part->problem.text)};

        buffer_add_char(b, '{');
        add_text(b, "source", &part->source);
        buffer_add_char(b, ',');
        add_text(b, "type", &part->type);
        buffer_add_char(b, ',');
        add_text(b, "subject", &part->subject);
        buffer_printf(b, ",\"status\":\"%s\",", verdict_name(part->verdict));
        add_text(b, "error", error.size > 0 ? &error : &TEXT_NULL);
        buffer_add_str(b, ",\"rules\":[");
        for (unsigned i = 0; i < rules->n_rules; i++) {
                int r;

                if (i > 0)
                        buffer_add_char(b, ',');
                r = explain_rule(&e, i);
                if (r < 0)
                        return r;
        }
        buffer_add_str(b, "]}");
        return buffer_status(b);
}
