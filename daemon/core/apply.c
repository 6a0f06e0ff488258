/* Applies rules: candidates from the index, decisions, precedence, then fingerprints and texts of
 * what is left. */
#include "daemon/core/apply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/explain.h"
#include "proto/base/limits.h"

void applier_done(struct applier *a)
{
        view_done(&a->view);
        free(a->candidates.rules);
        free(a->candidates.stamps);
        free(a->hits);
        free(a->matches);
        buffer_done(&a->scratch);
}

int applier_prepare(struct applier *a, const struct ruleset *rules)
{
        size_t n_rules = rules->n_rules, n_paths = rules->paths.n_items;

        if (n_rules > a->n_room) {
                unsigned *numbers = reallocarray(a->candidates.rules, n_rules, sizeof(*numbers));
                uint64_t *stamps;
                struct hit *hits;

                if (!numbers)
                        return -ENOMEM;
                a->candidates.rules = numbers;
                stamps = reallocarray(a->candidates.stamps, n_rules, sizeof(*stamps));
                if (!stamps)
                        return -ENOMEM;
                memset(stamps + a->n_room, 0, (n_rules - a->n_room) * sizeof(*stamps));
                a->candidates.stamps = stamps;
                hits = reallocarray(a->hits, n_rules, sizeof(*hits));
                if (!hits)
                        return -ENOMEM;
                a->hits = hits;
                a->n_room = n_rules;
        }
        return view_prepare(&a->view, n_paths);
}

static int hit_compare(const void *a, const void *b)
{
        const struct hit *x = a, *y = b;

        return (x->rule > y->rule) - (x->rule < y->rule);
}

static int find_hits(struct applier *a, const struct ruleset *rules, const char *adapter,
                     struct part *part, size_t *ret_n)
{
        size_t n = 0;
        int r;

        a->candidates.stamp = a->view.part_stamp;
        r = index_find(&rules->index, &a->view, adapter, &a->candidates);
        if (r < 0)
                return r;
        for (unsigned i = 0; i < a->candidates.n; i++) {
                const struct rule *rule = &rules->rules[a->candidates.rules[i]];
                enum truth truth;

                if (rule->adapter && strcmp(rule->adapter, adapter) != 0)
                        continue;
                r = condition_decide(&rule->match, &a->view, &part->n_unknown, &truth);
                if (r < 0)
                        return r;
                if (truth == TRUTH_YES)
                        a->hits[n++] = (struct hit){.rule = a->candidates.rules[i]};
        }
        if (n > 1)
                qsort(a->hits, n, sizeof(*a->hits), hit_compare);
        *ret_n = n;
        return 0;
}

static void switch_off(const struct applier *a, const struct ruleset *rules, size_t n_hits)
{
        for (size_t i = 0; i < n_hits; i++) {
                const struct rule_references *list = &rules->rules[a->hits[i].rule].instead_of;

                for (unsigned n = 0; n < list->n; n++) {
                        struct hit wanted = {.rule = list->items[n].rule};
                        struct hit *hit =
                                bsearch(&wanted, a->hits, n_hits, sizeof(*a->hits), hit_compare);

                        if (hit)
                                hit->off = true;
                }
        }
}

static int match_add(struct applier *a, const struct match *m)
{
        if (a->n_matches == a->n_allocated) {
                size_t n = MAX((size_t) 16, 2 * a->n_allocated);
                struct match *matches = reallocarray(a->matches, n, sizeof(*matches));

                if (!matches)
                        return -ENOMEM;
                a->matches = matches;
                a->n_allocated = n;
        }
        a->matches[a->n_matches++] = *m;
        return 0;
}

static int render(struct applier *a, const struct template *t, size_t max, struct text *ret)
{
        int r;

        *ret = TEXT_NULL;
        if (t->n_pieces == 0)
                return 0;
        buffer_clear(&a->scratch);
        r = template_render(t, &a->view, max, &a->scratch, NULL);
        return r < 0 ? r : arena_text(a->arena, a->scratch.data, a->scratch.size, ret);
}

static int render_asset(struct applier *a, const struct rule *rule, struct text *ret)
{
        struct value value;
        int r;

        if (!rule->asset_path)
                return render(a, &rule->asset, LIMIT_TITLE_BYTES, ret);
        *ret = TEXT_NULL;
        r = view_find(&a->view, rule->asset_path, &value);
        if (r < 0)
                return r;
        if (r > 0 || value.kind == JSON_NULL)
                return 0;
        buffer_clear(&a->scratch);
        text_render(&value.text, LIMIT_TITLE_BYTES, &a->scratch);
        if (buffer_status(&a->scratch) < 0)
                return -ENOMEM;
        return arena_text(a->arena, a->scratch.data, a->scratch.size, ret);
}

static int render_texts(struct applier *a, const struct rule *rule, struct match *m)
{
        int r;

        r = render(a, &rule->title, LIMIT_TITLE_BYTES, &m->title);
        if (r == 0)
                r = render(a, &rule->statement, LIMIT_STATEMENT_BYTES, &m->found);
        if (r == 0)
                r = render_asset(a, rule, &m->asset);
        if (!m->found.data)
                m->found = m->title;
        return r;
}

/* What the register counts a match by. 0, FINGERPRINT_E_PART, -ENOMEM. */
static int match_window(struct applier *a, const struct rule *rule, struct match *m,
                        struct part *part)
{
        struct fingerprint_parts by = rule->count.by;
        int r = 0;

        by.null_if_missing = rule->fingerprint.null_if_missing;
        m->has_by = by.n > 0;
        if (m->has_by)
                r = fingerprint_make(&by, rule->id, rule->id, &a->view, &m->by, &part->problem);
        if (r == 0 && rule->count.distinct) {
                by.paths = (const struct path *[]){rule->count.distinct};
                by.n = 1;
                by.what = "window";
                m->has_value = true;
                r = fingerprint_make(&by, "", rule->id, &a->view, &m->value, &part->problem);
        }
        return r;
}

/* The fingerprints under the ids that the rule had before. */
static int match_was(struct applier *a, const struct rule *raises, const struct rule *rule,
                     struct match *m, struct part *part)
{
        struct hash *was;
        int r = 0;

        m->was = NULL;
        m->n_was = 0;
        if (raises->was.n == 0)
                return 0;
        was = arena_array(a->arena, raises->was.n, sizeof(*was));
        if (!was)
                return -ENOMEM;
        for (unsigned i = 0; r == 0 && i < raises->was.n; i++)
                r = fingerprint_make(&rule->fingerprint, raises->was.items[i].name.data, rule->id,
                                     &a->view, &was[i], &part->problem);
        m->was = was;
        m->n_was = raises->was.n;
        return r;
}

static int match_as(struct applier *a, const struct ruleset *rules, const struct rule *rule,
                    struct match *m, struct part *part)
{
        int r;

        r = fingerprint_make(&rule->fingerprint, rules->rules[m->rule].id, rule->id, &a->view,
                             &m->fingerprint, &part->problem);
        if (r == 0 && m->effect == EFFECT_FAIL && rule->count.n > 0)
                r = match_window(a, rule, m, part);
        if (r == 0)
                r = match_was(a, &rules->rules[m->rule], rule, m, part);
        return r != 0 ? r : match_add(a, m);
}

/* An event of a sequence counts for each step that it is. */
static int apply_sequence(struct applier *a, const struct ruleset *rules, const struct rule *rule,
                          struct match *m, struct part *part)
{
        for (unsigned i = 0; i < rule->sequence.n_steps; i++) {
                enum truth truth;
                int r;

                r = condition_decide(&rule->sequence.steps[i], &a->view, &part->n_unknown, &truth);
                if (r < 0)
                        return r;
                if (truth != TRUTH_YES)
                        continue;
                m->step = i + 1;
                r = match_as(a, rules, rule, m, part);
                if (r != 0)
                        return r;
        }
        return 0;
}

/* The awaited event is a pass of its rule; the one before it makes the register expect it. */
static int apply_expected(struct applier *a, const struct ruleset *rules, const struct rule *rule,
                          struct match *m, struct part *part)
{
        enum truth truth = TRUTH_YES;
        struct value value = {0};
        int r;

        r = view_find(&a->view, rule->expect.by, &value);
        if (r < 0)
                return r;
        /* Absent: then there is no fingerprint either, and that is told. */
        if (r == 0 && value.text.data) {
                r = arena_text(a->arena, value.text.data, value.text.size, &m->subject);
                if (r < 0)
                        return r;
        }
        if (rule->expect.kind == EXPECT_AFTER) {
                r = condition_decide(&rule->expect.after, &a->view, &part->n_unknown, &truth);
                if (r == 0 && truth == TRUTH_YES)
                        r = match_as(a, rules, rule, m, part);
                if (r != 0)
                        return r;
                r = condition_decide(&rule->awaited, &a->view, &part->n_unknown, &truth);
                if (r < 0)
                        return r;
        }
        if (truth != TRUTH_YES)
                return 0;
        m->effect = EFFECT_PASS;
        return match_as(a, rules, rule, m, part);
}

/* What the nonconformity is filed under. */
static int match_controls(struct applier *a, const struct rule *rule, struct match *m,
                          struct part *part)
{
        struct found_controls found;
        int r;

        if (!controls_take(&rule->controls))
                return 0;
        r = controls_find(&rule->controls, &a->view, a->arena, &found);
        if (r < 0)
                return r;
        part->n_unknown += found.n_dropped;
        if (found.n_taken == 0)
                return 0;
        m->takes_controls = true;
        buffer_clear(&a->scratch);
        texts_to_json(found.items, found.n, &a->scratch);
        if (buffer_status(&a->scratch) < 0)
                return -ENOMEM;
        return arena_text(a->arena, a->scratch.data, a->scratch.size, &m->controls);
}

static int apply_hit(struct applier *a, const struct ruleset *rules, unsigned number,
                     struct part *part)
{
        const struct rule *rule = &rules->rules[number];
        struct match m = {.rule = number,
                          .matched = number,
                          .effect = rule->effect,
                          .controls = rule->controls.text};
        enum grade grade;
        int r;

        r = render_texts(a, rule, &m);
        if (r < 0)
                return r;
        if (rule->effect == EFFECT_FAIL) {
                r = grading_decide(&rule->grading, &a->view, &part->n_unknown, &grade);
                if (r < 0)
                        return r;
                m.grade = grade_name(grade);
                r = match_controls(a, rule, &m, part);
                if (r < 0)
                        return r;
                if (rule->sequence.n_steps > 0)
                        return apply_sequence(a, rules, rule, &m, part);
                return match_as(a, rules, rule, &m, part);
        }
        if (rule->effect == EFFECT_MISSING)
                return apply_expected(a, rules, rule, &m, part);
        for (unsigned i = 0; i < rule->clears.n; i++) {
                m.rule = rule->clears.items[i].rule;
                r = match_as(a, rules, rule, &m, part);
                if (r != 0)
                        return r;
        }
        return 0;
}

static int apply_hits(struct applier *a, const struct ruleset *rules, const char *adapter,
                      struct part *part)
{
        size_t n_hits;
        int r;

        part->first_match = (unsigned) a->n_matches;
        part->verdict = VERDICT_IGNORED;
        r = find_hits(a, rules, adapter, part, &n_hits);
        if (r < 0)
                return r;
        for (size_t i = 0; i < n_hits; i++)
                if (rules->rules[a->hits[i].rule].effect == EFFECT_IGNORE) {
                        part->counted_only = true;
                        return 0;
                }
        switch_off(a, rules, n_hits);
        for (size_t i = 0; i < n_hits; i++) {
                if (a->hits[i].off)
                        continue;
                r = apply_hit(a, rules, a->hits[i].rule, part);
                if (r < 0)
                        return r;
                if (r == FINGERPRINT_E_PART) {
                        a->n_matches = part->first_match;
                        part->verdict = VERDICT_INVALID;
                        return 0;
                }
                part->verdict = VERDICT_STORED;
        }
        part->n_matches = (unsigned) (a->n_matches - part->first_match);
        return 0;
}

int apply_rules(struct applier *a, const struct ruleset *rules, const char *adapter,
                struct part *part)
{
        int r;

        r = apply_hits(a, rules, adapter, part);
        if (r < 0 || !a->explanation)
                return r;
        if (a->explanation->size > 0)
                buffer_add_char(a->explanation, ',');
        return explain_part(a, rules, adapter, part, a->explanation);
}

/* The text of a member of the event's data; TEXT_NULL where there is none. */
static int missed_text(struct applier *a, const char *name, struct text *ret)
{
        const struct json_tape *t = a->view.tape;
        struct value value;
        uint32_t data, node;
        int r;

        *ret = TEXT_NULL;
        if (json_member(t, 0, "data", &data) != 0 || json_member(t, data, name, &node) != 0 ||
            t->nodes[node].kind != JSON_STRING)
                return 0;
        r = value_of_node(t, node, a->arena, &value);
        if (r == 0)
                *ret = value.text;
        return r;
}

static int missed_rule(struct applier *a, const struct ruleset *rules, int *ret_number)
{
        char id[RULE_ID_BYTES + 1];
        struct text name;
        int r;

        *ret_number = -1;
        r = missed_text(a, "rule", &name);
        if (r < 0 || !name.data || name.size > RULE_ID_BYTES)
                return r;
        memcpy(id, name.data, name.size);
        id[name.size] = '\0';
        *ret_number = ruleset_find(rules, id);
        return 0;
}

static int missed_grade(struct applier *a, const struct rule *rule, const struct text *to,
                        struct part *part, struct match *m)
{
        enum grade grade;
        int r;

        r = grading_decide(&rule->grading, &a->view, &part->n_unknown, &grade);
        if (r < 0)
                return r;
        m->grows = to->data != NULL;
        for (unsigned g = 0; m->grows && g < GRADE_MAX; g++)
                if (strlen(grade_name(g)) == to->size &&
                    memcmp(grade_name(g), to->data, to->size) == 0)
                        grade = g;
        m->grade = grade_name(grade);
        return 0;
}

int apply_missed(struct applier *a, const struct ruleset *rules, struct part *part)
{
        struct match m = {.effect = EFFECT_FAIL};
        struct text fingerprint = TEXT_NULL, to = TEXT_NULL;
        const struct rule *rule;
        int r, number;

        part->first_match = (unsigned) a->n_matches;
        part->verdict = VERDICT_IGNORED;
        part->counted_only = true;
        r = missed_rule(a, rules, &number);
        if (r == 0)
                r = missed_text(a, "fingerprint", &fingerprint);
        if (r == 0)
                r = missed_text(a, "to", &to);
        if (r < 0 || number < 0 || !fingerprint.data ||
            hash_from_hex(fingerprint.data, fingerprint.size, &m.fingerprint) != 0)
                return MIN(r, 0);
        rule = &rules->rules[number];
        m.rule = m.matched = (unsigned) number;
        m.controls = rule->controls.text;
        r = missed_grade(a, rule, &to, part, &m);
        if (r == 0)
                r = render_texts(a, rule, &m);
        if (r == 0)
                r = match_add(a, &m);
        if (r < 0)
                return r;
        part->verdict = VERDICT_STORED;
        part->counted_only = false;
        part->n_matches = 1;
        return 0;
}
