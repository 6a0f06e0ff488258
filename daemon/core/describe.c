/* Tells the register what it needs to know of the rules. */
#include <errno.h>

#include <string.h>

#include "daemon/core/compiled.h"

static void add_text(struct buffer *b, const char *key, const struct text *t)
{
        buffer_printf(b, ",\"%s\":", key);
        if (t->data)
                buffer_add_json_string(b, t->data, t->size);
        else
                buffer_add_str(b, "null");
}

/* Where events have a say, the first control of the nonconformity is the requirement. */
static void add_controls(struct buffer *b, const struct rule *rule)
{
        const struct controls *c = &rule->controls;

        buffer_add_str(b, ",\"controls\":");
        buffer_add(b, c->text.data, c->text.size);
        add_text(b, "requirement",
                 rule->requirement.data || c->n_constants == 0 || controls_take(c)
                         ? &rule->requirement
                         : &c->constants[0]);
}

static void add_growth(struct buffer *b, const struct grading *g)
{
        buffer_add_str(b, ",\"growth\":[");
        for (unsigned i = 0; i < g->n_growth; i++) {
                buffer_add_str(b, i > 0 ? "," : "");
                if (g->growth[i].occurrences > 0)
                        buffer_printf(b,
                                      "{\"occurrences\":%u,\"within\":", g->growth[i].occurrences);
                else
                        buffer_add_str(b, "{\"no_pass_for\":");
                duration_to_json(&g->growth[i].within, b);
                buffer_printf(b, ",\"to\":\"%s\"}", grade_name(g->growth[i].to));
        }
        buffer_add_char(b, ']');
}

static void add_self_close(struct buffer *b, const struct standing *s)
{
        if (!s->cause.data)
                return;
        buffer_add_str(b, ",\"self_close\":{\"cause\":");
        buffer_add_json_string(b, s->cause.data, s->cause.size);
        add_text(b, "category", &s->category);
        add_text(b, "reason", &s->reason);
        add_text(b, "by", &s->by);
        buffer_add_char(b, '}');
}

static void add_count(struct buffer *b, const struct count *c)
{
        if (c->n == 0)
                return;
        buffer_printf(b, ",\"count\":{\"n\":%u,\"within\":", c->n);
        duration_to_json(&c->within, b);
        buffer_printf(b, ",\"by\":%s,\"distinct\":%s,\"clock\":\"%s\"}",
                      c->by.n > 0 ? "true" : "false", c->distinct ? "true" : "false",
                      c->receipt ? "receipt" : "event");
}

static void add_sequence(struct buffer *b, const struct sequence *s)
{
        if (s->n_steps == 0)
                return;
        buffer_printf(b, ",\"sequence\":{\"n\":%u,\"ordered\":%s,\"within\":", s->n_steps,
                      s->ordered ? "true" : "false");
        duration_to_json(&s->within, b);
        buffer_add_char(b, '}');
}

/* Subjects with their fingerprints: what was never heard of has no event to compute one from. */
static void add_subjects(struct buffer *b, const struct rule *rule)
{
        const struct expect *e = &rule->expect;

        buffer_add_str(b, ",\"subjects\":");
        for (unsigned i = 0; i < e->n_subjects; i++) {
                char hex[2 * HASH_BYTES + 1];
                struct hash fingerprint;

                fingerprint_of_text(rule->id, &e->subjects[i], &fingerprint);
                hash_hex(&fingerprint, hex);
                buffer_add_str(b, i > 0 ? ",{\"name\":" : "[{\"name\":");
                buffer_add_json_string(b, e->subjects[i].data, e->subjects[i].size);
                buffer_printf(b, ",\"fp\":\"%s\"}", hex);
        }
        buffer_add_str(b, e->n_subjects > 0 ? "]" : "null");
}

/* Sources, or beginnings of sources, of which a condition needs one; behind those there already. */
static void add_sources(struct buffer *b, const struct condition *c, const char **between)
{
        for (unsigned i = 0; c->kind == CONDITION_ALL && i < c->n_children; i++)
                add_sources(b, &c->children[i], between);
        if (c->kind != CONDITION_PATH || strcmp(c->path->pointer.text, "/source") != 0)
                return;
        for (unsigned i = 0; i < c->tests.n; i++) {
                const struct test *t = &c->tests.items[i];

                if (t->nocase || (t->op != OPERATION_EQ && t->op != OPERATION_IN &&
                                  t->op != OPERATION_STARTSWITH))
                        continue;
                for (unsigned k = 0; k < t->n; k++) {
                        buffer_add_str(b, *between);
                        buffer_add_json_string(b, t->operands[k].text.data,
                                               t->operands[k].text.size);
                        *between = ",";
                }
        }
}

static void add_expect(struct buffer *b, const struct rule *rule)
{
        static const char *const KINDS[] = {
                [EXPECT_EVERY] = "every", [EXPECT_CRON] = "cron", [EXPECT_AFTER] = "after"};
        const struct expect *e = &rule->expect;
        const char *between = "";

        if (e->kind == EXPECT_NONE)
                return;
        buffer_printf(b, ",\"expect\":{\"kind\":\"%s\"", KINDS[e->kind]);
        if (e->kind == EXPECT_CRON) {
                buffer_add_str(b, ",\"cron\":");
                cron_to_json(&e->cron, b);
                add_text(b, "zone", &e->zone);
        } else {
                buffer_add_str(b, ",\"every\":");
                duration_to_json(&e->every, b);
        }
        buffer_add_str(b, ",\"grace\":");
        duration_to_json(&e->grace, b);
        buffer_add_str(b, ",\"by\":");
        buffer_add_json_cstr(b, e->by->pointer.text);
        add_subjects(b, rule);
        buffer_add_str(b, ",\"sources\":["); /* by which the register knows whose link carries it */
        add_sources(b, &rule->awaited, &between);
        buffer_add_str(b, "]}");
}

static void add_paths(struct buffer *b, const struct path *const *paths, unsigned n)
{
        buffer_add_char(b, '[');
        for (unsigned i = 0; i < n; i++) {
                if (i > 0)
                        buffer_add_char(b, ',');
                buffer_add_json_cstr(b, paths[i]->pointer.text);
        }
        buffer_add_char(b, ']');
}

/* What its nonconformities are known by, and were before. */
static void add_identity(struct buffer *b, const struct rule *rule)
{
        buffer_add_str(b, ",\"fingerprint\":");
        add_paths(b, rule->fingerprint.paths, rule->fingerprint.n);
        buffer_printf(b, ",\"missing\":%s",
                      rule->fingerprint.null_if_missing ? "\"null\"" : "null");
        if (rule->was.n > 0) {
                buffer_add_str(b, ",\"was\":[");
                for (unsigned i = 0; i < rule->was.n; i++) {
                        if (i > 0)
                                buffer_add_char(b, ',');
                        buffer_add_json_cstr(b, rule->was.items[i].name.data);
                }
                buffer_add_char(b, ']');
        }
        if (rule->fingerprint_changed.data)
                add_text(b, "fingerprint_changed", &rule->fingerprint_changed);
        if (rule->storm.given) {
                buffer_printf(b, ",\"storm\":{\"n\":%u,\"within\":", rule->storm.n);
                duration_to_json(&rule->storm.within, b);
                buffer_add_char(b, '}');
        }
}

static void add_rule(struct buffer *b, const struct rule *rule)
{
        char hex[2 * HASH_BYTES + 1];

        hash_hex(&rule->hash, hex);
        buffer_add_str(b, "{\"id\":");
        buffer_add_json_cstr(b, rule->id);
        buffer_printf(b, ",\"hash\":\"%s\"", hex);
        add_text(b, "title", &rule->title_text);
        buffer_printf(b, ",\"effect\":\"%s\",\"enabled\":%s,\"triaged\":%s",
                      effect_name(rule->effect), rule->enabled ? "true" : "false",
                      rule->triaged ? "true" : "false");
        add_text(b, "owner", &rule->owner);
        add_text(b, "policy", &rule->policy);
        add_controls(b, rule);
        add_growth(b, &rule->grading);
        add_identity(b, rule);
        add_self_close(b, &rule->self_close);
        add_count(b, &rule->count);
        add_sequence(b, &rule->sequence);
        add_expect(b, rule);
        buffer_add_str(b, ",\"clears\":[");
        for (unsigned i = 0; i < rule->clears.n; i++) {
                if (i > 0)
                        buffer_add_char(b, ',');
                buffer_add_json_string(b, rule->clears.items[i].name.data,
                                       rule->clears.items[i].name.size);
        }
        buffer_add_str(b, "]}");
}

int ruleset_describe(const struct ruleset *r, struct buffer *b)
{
        buffer_add_str(b, "{\"rules\":[");
        for (unsigned i = 0; i < r->n_rules; i++) {
                if (i > 0)
                        buffer_add_char(b, ',');
                add_rule(b, &r->rules[i]);
        }
        buffer_add_str(b, "],\"paths\":[");
        for (size_t i = 0; i < r->paths.n_items; i++) {
                if (i > 0)
                        buffer_add_char(b, ',');
                buffer_add_json_cstr(b, r->paths.items[i]->pointer.text);
        }
        buffer_add_str(b, "]}");
        return buffer_status(b);
}

/* Of a list in a text first the text's place, then a blank. */
static void add_each(struct buffer *b, const struct list *l)
{
        cleanup_(buffer_done) struct buffer name = BUFFER_NULL;

        if (l->text)
                buffer_printf(&name, "%s ", l->text->pointer.text);
        buffer_add_str(&name, l->path->pointer.text);
        buffer_add_json_string(b, name.data ? name.data : "", name.size);
}

static void add_adapter(struct buffer *b, const struct ruleset *r, const struct adapter *a)
{
        unsigned n_rules = 0, n_tests = 0;
        char hex[2 * HASH_BYTES + 1];

        for (unsigned i = 0; i < r->n_rules; i++)
                n_rules += r->rules[i].adapter && strcmp(r->rules[i].adapter, a->id) == 0;
        for (unsigned i = 0; i < r->n_trials; i++)
                n_tests +=
                        r->trials[i].adapter.data && strcmp(r->trials[i].adapter.data, a->id) == 0;
        hash_hex(&a->hash, hex);
        buffer_add_str(b, "{\"id\":");
        buffer_add_json_cstr(b, a->id);
        buffer_add_str(b, ",\"description\":");
        buffer_add_json_cstr(b, a->description);
        buffer_add_str(b, ",\"file\":");
        buffer_add_json_cstr(b, a->file);
        buffer_printf(b, ",\"hash\":\"%s\",\"each\":[", hex);
        for (unsigned i = 0; i < a->n_each; i++) {
                if (i > 0)
                        buffer_add_char(b, ',');
                add_each(b, &a->each[i]);
        }
        buffer_add_str(b, "],\"fields\":[");
        for (unsigned i = 0; i < a->n_fields; i++) {
                if (i > 0)
                        buffer_add_char(b, ',');
                buffer_add_json_cstr(b, a->field_names[i]);
        }
        buffer_printf(b, "],\"rules\":%u,\"tests\":%u}", n_rules, n_tests);
}

int ruleset_describe_adapters(const struct ruleset *r, struct buffer *b)
{
        buffer_add_char(b, '[');
        for (unsigned i = 0; i < r->n_adapters; i++) {
                if (i > 0)
                        buffer_add_char(b, ',');
                add_adapter(b, r, &r->adapters[i]);
        }
        buffer_add_char(b, ']');
        return buffer_status(b);
}

const char *ruleset_adapter_in(const struct ruleset *r, const char *file)
{
        const char *id = NULL;

        for (unsigned i = 0; i < r->n_adapters; i++) {
                if (strcmp(r->adapters[i].file, file) != 0)
                        continue;
                if (id)
                        return NULL;
                id = r->adapters[i].id;
        }
        return id;
}

bool ruleset_has_adapter(const struct ruleset *r, const char *id)
{
        for (unsigned i = 0; i < r->n_adapters; i++)
                if (strcmp(r->adapters[i].id, id) == 0)
                        return true;
        return false;
}
