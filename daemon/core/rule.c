/* Reads rules: a table of keys, then what the keys mean together. */
#include "daemon/core/rule.h"

#include <errno.h>
#include <string.h>

#include "daemon/core/canonical.h"
#include "proto/base/limits.h"
#include "proto/base/word.h"

#define NAME_BYTES 200U /* owner, requirement, policy */

static const char *const EFFECTS[] = {
        [EFFECT_FAIL] = "fail",
        [EFFECT_PASS] = "pass",
        [EFFECT_IGNORE] = "ignore",
        [EFFECT_MISSING] = "missing",
        NULL,
};

const char *effect_name(enum effect e)
{
        return EFFECTS[e];
}

static int read_id(struct reader *r, uint32_t node, void *target)
{
        struct rule *rule = target;

        return reader_id(r, node, RULE_ID_BYTES, &rule->id);
}

static int read_title(struct reader *r, uint32_t node, void *target)
{
        struct rule *rule = target;
        int k;

        k = template_read(r, node, &rule->title);
        return k < 0 || rule->title.n_pieces == 0
                       ? k
                       : reader_text(r, node, LIMIT_STATEMENT_BYTES, &rule->title_text);
}

static int read_statement(struct reader *r, uint32_t node, void *target)
{
        struct rule *rule = target;

        return template_read(r, node, &rule->statement);
}

static int read_asset(struct reader *r, uint32_t node, void *target)
{
        const struct json_node *n = &r->tape.nodes[node];
        struct rule *rule = target;

        if (n->kind == JSON_STRING && n->length > 0 && r->tape.text[n->offset] == '/')
                return reader_path(r, node, &rule->asset_path);
        return template_read(r, node, &rule->asset);
}

static int read_match(struct reader *r, uint32_t node, void *target)
{
        struct rule *rule = target;

        return condition_read(r, node, &rule->match);
}

static int read_effect(struct reader *r, uint32_t node, void *target)
{
        const struct json_node *n = &r->tape.nodes[node];
        struct rule *rule = target;
        const char *near;

        for (unsigned e = 0; n->kind == JSON_STRING && EFFECTS[e]; e++)
                if (json_string_equals(&r->tape, node, EFFECTS[e], strlen(EFFECTS[e]))) {
                        rule->effect = e;
                        return 0;
                }
        near = n->kind == JSON_STRING ? word_nearest(r->tape.text + n->offset, n->length, EFFECTS,
                                                     word_count(EFFECTS))
                                      : NULL;
        reader_complain(r, node, "an effect is \"fail\", \"pass\", \"ignore\" or \"missing\"%s%s%s",
                        near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
        return 0;
}

static int read_part(struct reader *r, uint32_t node, void *target)
{
        struct fingerprint_parts *parts = target;
        const struct path *path;
        int k;

        k = reader_path(r, node, &path);
        if (k < 0 || !path)
                return k;
        if (path->pointer.wild)
                reader_complain(r, node, "a fingerprint takes single values; \"*\" names many");
        parts->paths[parts->n++] = path;
        return 0;
}

static int read_fingerprint(struct reader *r, uint32_t node, void *target)
{
        struct rule *rule = target;

        rule->fingerprint.paths =
                arena_array(r->arena, reader_length(r, node), sizeof(*rule->fingerprint.paths));
        if (!rule->fingerprint.paths)
                return -ENOMEM;
        return reader_list(r, node, read_part, &rule->fingerprint);
}

static int read_missing(struct reader *r, uint32_t node, void *target)
{
        struct rule *rule = target;

        if (r->tape.nodes[node].kind == JSON_STRING &&
            json_string_equals(&r->tape, node, "null", strlen("null")))
                rule->fingerprint.null_if_missing = true;
        else
                reader_complain(r, node,
                                "\"missing\" can be \"null\" (a missing part of the "
                                "fingerprint counts as null); without it such an event is "
                                "refused");
        return 0;
}

static int read_grade(struct reader *r, uint32_t node, void *target)
{
        struct rule *rule = target;

        rule->graded = true;
        return grading_read(r, node, &rule->grading);
}

static int read_owner(struct reader *r, uint32_t node, void *target)
{
        struct rule *rule = target;

        return reader_text(r, node, NAME_BYTES, &rule->owner);
}

static int read_requirement(struct reader *r, uint32_t node, void *target)
{
        struct rule *rule = target;

        return reader_text(r, node, NAME_BYTES, &rule->requirement);
}

static int read_controls(struct reader *r, uint32_t node, void *target)
{
        struct rule *rule = target;

        return controls_read(r, node, &rule->controls);
}

static int read_triaged(struct reader *r, uint32_t node, void *target)
{
        struct rule *rule = target;

        return reader_bool(r, node, &rule->triaged);
}

static int read_enabled(struct reader *r, uint32_t node, void *target)
{
        struct rule *rule = target;

        return reader_bool(r, node, &rule->enabled);
}

static int read_policy(struct reader *r, uint32_t node, void *target)
{
        struct rule *rule = target;
        const char *near;
        int k;

        k = reader_text(r, node, NAME_BYTES, &rule->policy);
        if (k < 0 || !rule->policy.data || !r->policies)
                return k;
        for (const char *const *p = r->policies; *p; p++)
                if (strcmp(*p, rule->policy.data) == 0)
                        return 0;
        near = word_nearest(rule->policy.data, rule->policy.size, r->policies,
                            word_count(r->policies));
        reader_complain(r, node, "policy.json has no policy \"%s\"%s%s%s", rule->policy.data,
                        near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
        return 0;
}

static int read_reference(struct reader *r, uint32_t node, void *target)
{
        struct rule_references *list = target;
        struct rule_reference *ref = &list->items[list->n];
        int k;

        k = reader_text(r, node, RULE_ID_BYTES, &ref->name);
        if (k < 0 || !ref->name.data)
                return k;
        ref->node = node;
        list->n++;
        return 0;
}

static int read_references(struct reader *r, uint32_t node, struct rule_references *list)
{
        list->items = arena_array(r->arena, reader_length(r, node), sizeof(*list->items));
        if (!list->items)
                return -ENOMEM;
        return reader_list(r, node, read_reference, list);
}

static int read_clears(struct reader *r, uint32_t node, void *target)
{
        struct rule *rule = target;

        return read_references(r, node, &rule->clears);
}

static int read_instead_of(struct reader *r, uint32_t node, void *target)
{
        struct rule *rule = target;

        return read_references(r, node, &rule->instead_of);
}

static int read_adapter(struct reader *r, uint32_t node, void *target)
{
        struct rule *rule = target;
        struct text name;
        int k;

        if (r->tape.nodes[node].kind == JSON_STRING && r->tape.nodes[node].length == 0) {
                rule->adapter = "";
                return 0;
        }
        k = reader_text(r, node, RULE_ID_BYTES, &name);
        rule->adapter = name.data;
        return k;
}

static int read_self_close(struct reader *r, uint32_t node, void *target)
{
        struct rule *rule = target;

        return standing_read(r, node, &rule->self_close);
}

static int read_count(struct reader *r, uint32_t node, void *target)
{
        struct rule *rule = target;

        return count_read(r, node, &rule->count);
}

static int read_sequence(struct reader *r, uint32_t node, void *target)
{
        struct rule *rule = target;

        return sequence_read(r, node, &rule->sequence);
}

static int read_expect(struct reader *r, uint32_t node, void *target)
{
        struct rule *rule = target;

        return expect_read(r, node, &rule->expect);
}

static bool has_match(const struct reader *r, uint32_t node)
{
        uint32_t found;

        return json_member(&r->tape, node, "match", &found) == 0;
}

/* What windows mean together with the other keys of a rule. */
static void windows_check(struct reader *r, uint32_t node, const struct rule *rule)
{
        if (!has_match(r, node) && rule->sequence.n_steps == 0)
                reader_complain(r, node,
                                "a rule needs the key \"match\" (or \"sequence\", whose events say "
                                "what matches)");
        if (has_match(r, node) && rule->sequence.n_steps > 0)
                reader_complain(
                        r, node,
                        "a rule has either \"match\", or \"sequence\", whose events say what "
                        "matches");
        if ((rule->effect == EFFECT_MISSING) != (rule->expect.kind != EXPECT_NONE))
                reader_complain(r, node,
                                "\"expect\" and the effect \"missing\" belong together: the match "
                                "is the event that must come");
        if (rule->effect != EFFECT_FAIL && (rule->count.n > 0 || rule->sequence.n_steps > 0))
                reader_complain(r, node,
                                "\"count\" and \"sequence\" belong to a rule with effect \"fail\"");
        if (rule->count.n > 0 && rule->sequence.n_steps > 0)
                reader_complain(r, node,
                                "a rule has \"count\" or \"sequence\": give the sequence a rule of "
                                "its own");
        if ((rule->sequence.n_steps > 0 || rule->effect == EFFECT_MISSING) &&
            rule->fingerprint.n > 0)
                reader_complain(r, node,
                                "the fingerprint of this rule is the value of \"by\": leave "
                                "\"fingerprint\" out");
        for (unsigned i = 0; rule->effect == EFFECT_MISSING && i < rule->grading.n_growth; i++)
                if (rule->grading.growth[i].occurrences == 0)
                        reader_complain(r, node,
                                        "what is missing has no pass anyway: let the grade grow "
                                        "with \"occurrences\"");
}

/* The condition that decides whether the rule has anything to do with an event, which the index
 * and the explanation look at: any of the steps of a sequence, the awaited event or the one before
 * it. */
static int match_compose(struct reader *r, struct rule *rule)
{
        struct condition *both;

        rule->awaited = rule->match;
        if (rule->sequence.n_steps > 0) {
                rule->match = (struct condition){.kind = CONDITION_ANY,
                                                 .children = rule->sequence.steps,
                                                 .n_children = rule->sequence.n_steps};
                rule->fingerprint = rule->sequence.by;
        }
        if (rule->effect != EFFECT_MISSING)
                return 0;
        rule->fingerprint.paths = arena_array(r->arena, 1, sizeof(*rule->fingerprint.paths));
        if (!rule->fingerprint.paths)
                return -ENOMEM;
        rule->fingerprint.paths[0] = rule->expect.by;
        rule->fingerprint.n = 1;
        rule->fingerprint.as_text = true;
        if (rule->expect.kind != EXPECT_AFTER)
                return 0;
        both = arena_array(r->arena, 2, sizeof(*both));
        if (!both)
                return -ENOMEM;
        both[0] = rule->expect.after;
        both[1] = rule->awaited;
        rule->match = (struct condition){.kind = CONDITION_ANY, .children = both, .n_children = 2};
        return 0;
}

static int read_was(struct reader *r, uint32_t node, void *target)
{
        struct rule *rule = target;

        return read_references(r, node, &rule->was);
}

static int read_fingerprint_changed(struct reader *r, uint32_t node, void *target)
{
        struct rule *rule = target;
        int k;

        k = reader_text(r, node, RULE_ID_BYTES, &rule->fingerprint_changed);
        if (k == 0 && rule->fingerprint_changed.data &&
            strcmp(rule->fingerprint_changed.data, "keep") != 0 &&
            strcmp(rule->fingerprint_changed.data, "reject") != 0)
                reader_complain(r, node,
                                "\"fingerprint_changed\" is \"keep\" (what is open stays as it is) "
                                "or \"reject\" (its rejection is asked for as one batch)");
        return k;
}

static int read_storm(struct reader *r, uint32_t node, void *target)
{
        struct rule *rule = target;

        return storm_read(r, node, &rule->storm);
}

/* What belongs to rules that raise only. */
static void raising_check(struct reader *r, uint32_t node, const struct rule *rule)
{
        if (rule->effect != EFFECT_PASS && rule->effect != EFFECT_IGNORE)
                return;
        if (rule->was.n > 0)
                reader_complain(r, node,
                                "\"was\" belongs to the rule that raises: its nonconformities are "
                                "what keeps their names");
        if (rule->storm.given)
                reader_complain(r, node, "\"storm\" belongs to a rule that raises");
        if (rule->fingerprint_changed.data)
                reader_complain(r, node, "\"fingerprint_changed\" belongs to a rule that raises");
}

/* What the keys mean together. */
static void rule_check(struct reader *r, uint32_t node, struct rule *rule)
{
        windows_check(r, node, rule);
        if (rule->effect == EFFECT_IGNORE)
                return;
        if (rule->effect != EFFECT_PASS && rule->title.n_pieces == 0)
                reader_complain(r, node, "a rule that raises needs a \"title\"");
        if (rule->fingerprint.n == 0 && rule->sequence.n_steps == 0 &&
            rule->effect != EFFECT_MISSING)
                reader_complain(r, node,
                                "a rule needs a \"fingerprint\": the paths whose values make "
                                "two events the same problem");
        if (rule->effect == EFFECT_PASS && rule->clears.n == 0)
                reader_complain(r, node,
                                "a pass rule names in \"clears\" the rules whose "
                                "nonconformities it speaks for");
        if (rule->effect == EFFECT_PASS && rule->self_close.cause.data)
                reader_complain(r, node,
                                "\"self_close\" belongs to the rule that raises, not to one that "
                                "clears it");
        if (rule->effect != EFFECT_PASS && rule->clears.n > 0)
                reader_complain(r, node, "only a rule with effect \"pass\" clears others");
        if (rule->triaged && (!rule->owner.data || !rule->graded ||
                              (!rule->requirement.data && rule->controls.n_constants == 0)))
                reader_complain(r, node,
                                "a rule with \"triaged\": true needs an owner, a grade, and a "
                                "control or requirement of its own");
        if (rule->effect != EFFECT_FAIL && controls_take(&rule->controls))
                reader_complain(r, node,
                                "controls are taken from the event that raises: give a rule with "
                                "another effect texts alone");
}

int rule_read(struct reader *r, uint32_t node, struct rule *ret)
{
        static const struct member MEMBERS[] = {
                {"id", read_id, true},
                {"title", read_title, false},
                {"statement", read_statement, false},
                {"match", read_match, false},
                {"effect", read_effect, true},
                {"fingerprint", read_fingerprint, false},
                {"missing", read_missing, false},
                {"grade", read_grade, false},
                {"owner", read_owner, false},
                {"controls", read_controls, false},
                {"requirement", read_requirement, false},
                {"asset", read_asset, false},
                {"triaged", read_triaged, false},
                {"policy", read_policy, false},
                {"clears", read_clears, false},
                {"instead_of", read_instead_of, false},
                {"adapter", read_adapter, false},
                {"enabled", read_enabled, false},
                {"self_close", read_self_close, false},
                {"count", read_count, false},
                {"sequence", read_sequence, false},
                {"expect", read_expect, false},
                {"was", read_was, false},
                {"fingerprint_changed", read_fingerprint_changed, false},
                {"storm", read_storm, false},
        };
        cleanup_(buffer_done) struct buffer canonical = BUFFER_NULL;
        unsigned before = r->complaints->n;
        int k;

        *ret = (struct rule){
                .enabled = true,
                .grading.otherwise = GRADE_MINOR,
                .policy = {"default", strlen("default")},
                .controls.text = {"[]", strlen("[]")},
                .reader = r,
                .node = node,
        };
        k = reader_object(r, node, "a rule", MEMBERS, ARRAY_LEN(MEMBERS), ret);
        if (k < 0)
                return k;
        if (r->complaints->n == before)
                rule_check(r, node, ret);
        if (r->complaints->n == before) {
                k = match_compose(r, ret);
                if (k < 0)
                        return k;
        }
        if (r->complaints->n == before)
                raising_check(r, node, ret);
        if (!ret->asset_path && ret->asset.n_pieces == 0) {
                k = path_table_add(r->paths, "/subject", strlen("/subject"), &ret->asset_path,
                                   NULL);
                if (k != 0)
                        return k < 0 ? k : -ENOTRECOVERABLE;
        }
        canonical_text(&r->tape, node, &canonical);
        if (buffer_status(&canonical) < 0)
                return -ENOMEM;
        hash_of(canonical.data, canonical.size, &ret->hash);
        return 0;
}
