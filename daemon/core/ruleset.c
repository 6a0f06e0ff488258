/* Loads files into a ruleset: read all, then check what concerns several rules, then build the
 * index. Every mistake is collected; one is enough to refuse the whole set. */
#include "daemon/core/ruleset.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/compiled.h"
#include "daemon/core/fields.h"
#include "daemon/core/reader.h"
#include "proto/base/limits.h"
#include "proto/base/word.h"

struct loader {
        const struct source_file **files; /* sorted by path */
        struct reader *readers;           /* one a file */
        size_t n_files;
        struct ruleset *rules;
        unsigned n_rules_expected, n_adapters_expected, n_tests_expected;
};

void complaints_done(struct complaints *c)
{
        buffer_done(&c->text);
        c->n = 0;
}

void complain(struct complaints *c, const char *path, const char *text, size_t size,
              const struct problem *p)
{
        unsigned line, column;

        problem_place(text, size, p->offset, &line, &column);
        buffer_printf(&c->text, "%s:%u:%u: %s\n", path, line, column, p->text);
        c->n++;
}

static struct ruleset *ruleset_free(struct ruleset *r)
{
        if (!r)
                return NULL;
        index_done(&r->index);
        patterns_done(&r->patterns);
        path_table_done(&r->paths);
        arena_done(&r->arena);
        free(r);
        return NULL;
}

struct ruleset *ruleset_ref(struct ruleset *r)
{
        r->n_references++;
        return r;
}

struct ruleset *ruleset_unref(struct ruleset *r)
{
        if (r && --r->n_references == 0)
                ruleset_free(r);
        return NULL;
}

void ruleset_unref_p(struct ruleset **r)
{
        *r = ruleset_unref(*r);
}

static void loader_done(struct loader *l)
{
        for (size_t i = 0; l->readers && i < l->n_files; i++)
                json_tape_done(&l->readers[i].tape);
        free(l->readers);
        free(l->files);
}

static int file_compare(const void *a, const void *b)
{
        const struct source_file *const *x = a, *const *y = b;

        return strcmp((*x)->path, (*y)->path);
}

static int loader_open(struct loader *l, const struct source_file *files, size_t n_files,
                       const char *const *policies, struct complaints *complaints)
{
        l->files = calloc(n_files + 1, sizeof(*l->files));
        l->readers = calloc(n_files + 1, sizeof(*l->readers));
        if (!l->files || !l->readers)
                return -ENOMEM;
        l->n_files = n_files;
        for (size_t i = 0; i < n_files; i++)
                l->files[i] = &files[i];
        qsort(l->files, n_files, sizeof(*l->files), file_compare);
        for (size_t i = 0; i < n_files; i++) {
                struct problem p = {0};
                int k;

                l->readers[i] = (struct reader){
                        .path = l->files[i]->path,
                        .complaints = complaints,
                        .arena = &l->rules->arena,
                        .paths = &l->rules->paths,
                        .patterns = &l->rules->patterns,
                        .policies = policies,
                        .tried = l->files[i]->tried,
                };
                if (l->files[i]->size > LIMIT_CONFIG_BYTES) {
                        problem_set(&p, 0, "the file has %zu bytes; the most is %lu",
                                    l->files[i]->size, LIMIT_CONFIG_BYTES);
                        complain(complaints, l->files[i]->path, l->files[i]->text, 0, &p);
                        continue;
                }
                k = json_tape_parse_config(&l->readers[i].tape, l->files[i]->text,
                                           l->files[i]->size, &p);
                if (k < 0)
                        return k;
                if (k > 0) {
                        complain(complaints, l->files[i]->path, l->files[i]->text,
                                 l->files[i]->size, &p);
                        l->readers[i].tape.n_nodes = 0;
                }
        }
        return 0;
}

static int count_one(struct reader *r unused_, uint32_t node unused_, void *target)
{
        unsigned *n = target;

        (*n)++;
        return 0;
}

static int count_rules(struct reader *r, uint32_t node, void *target)
{
        struct loader *l = target;

        return reader_list(r, node, count_one, &l->n_rules_expected);
}

static int count_adapters(struct reader *r, uint32_t node, void *target)
{
        struct loader *l = target;

        return reader_list(r, node, count_one, &l->n_adapters_expected);
}

static int count_tests(struct reader *r, uint32_t node, void *target)
{
        struct loader *l = target;

        return reader_list(r, node, count_one, &l->n_tests_expected);
}

static int load_rule(struct reader *r, uint32_t node, void *target)
{
        struct loader *l = target;

        return rule_read(r, node, &l->rules->rules[l->rules->n_rules++]);
}

static int load_adapter(struct reader *r, uint32_t node, void *target)
{
        struct loader *l = target;

        return adapter_read(r, node, &l->rules->adapters[l->rules->n_adapters++]);
}

static int load_test(struct reader *r, uint32_t node, void *target)
{
        struct loader *l = target;

        return trial_read(r, node, &l->rules->trials[l->rules->n_trials++]);
}

static int load_rules(struct reader *r, uint32_t node, void *target)
{
        return reader_list(r, node, load_rule, target);
}

static int load_adapters(struct reader *r, uint32_t node, void *target)
{
        return reader_list(r, node, load_adapter, target);
}

static int load_tests(struct reader *r, uint32_t node, void *target)
{
        return reader_list(r, node, load_test, target);
}

struct walk { /* what to do with the lists that a file may hold */
        int (*rules)(struct reader *r, uint32_t node, void *target);
        int (*adapters)(struct reader *r, uint32_t node, void *target);
        int (*tests)(struct reader *r, uint32_t node, void *target);
};

/* A file holds one rule, a list of them, or {"rules": ..., "tests": [...]}; adapters likewise. */
static int walk_file(struct reader *r, struct loader *l, enum source_kind kind,
                     const struct walk *walk)
{
        const struct member members[] = {
                {"$schema", NULL, false},
                kind == SOURCE_RULES ? (struct member){"rules", walk->rules, true}
                                     : (struct member){"adapters", walk->adapters, true},
                {"tests", walk->tests, false},
        };
        uint32_t found;

        if (r->tape.n_nodes == 0)
                return 0;
        if (json_member(&r->tape, 0, members[1].name, &found) == 0)
                return reader_object(r, 0, "the file", members, ARRAY_LEN(members), l);
        return members[1].read(r, 0, l);
}

static int count_all(struct loader *l)
{
        static const struct walk WALK = {count_rules, count_adapters, count_tests};

        for (size_t i = 0; i < l->n_files; i++) {
                cleanup_(complaints_done) struct complaints unheard = {0};
                struct reader counting = l->readers[i];
                int k;

                counting.complaints = &unheard; /* the second walk complains aloud */
                k = walk_file(&counting, l, l->files[i]->kind, &WALK);
                if (k < 0)
                        return k;
        }
        return 0;
}

static int load_all(struct loader *l)
{
        static const struct walk WALK = {load_rules, load_adapters, load_tests};
        struct ruleset *r = l->rules;
        int k;

        k = count_all(l);
        if (k < 0)
                return k;
        r->rules = arena_array(&r->arena, l->n_rules_expected + 1U, sizeof(*r->rules));
        r->adapters = arena_array(&r->arena, l->n_adapters_expected + 1U, sizeof(*r->adapters));
        r->trials = arena_array(&r->arena, l->n_tests_expected + 1U, sizeof(*r->trials));
        if (!r->rules || !r->adapters || !r->trials)
                return -ENOMEM;
        for (size_t i = 0; i < l->n_files; i++) {
                k = walk_file(&l->readers[i], l, l->files[i]->kind, &WALK);
                if (k < 0)
                        return k;
        }
        return 0;
}

/* By id; those of one id in the order of files and of their places. */
static int place_compare(const char *id, const struct reader *reader, uint32_t node,
                         const char *other_id, const struct reader *other, uint32_t other_node)
{
        int d = strcmp(id ? id : "", other_id ? other_id : "");

        if (d != 0)
                return d;
        if (reader != other)
                return reader < other ? -1 : 1;
        return node < other_node ? -1 : node > other_node;
}

static int rule_compare(const void *a, const void *b)
{
        const struct rule *x = a, *y = b;

        return place_compare(x->id, x->reader, x->node, y->id, y->reader, y->node);
}

int ruleset_find(const struct ruleset *r, const char *id)
{
        unsigned low = 0, high = r->n_rules;

        while (low < high) {
                unsigned middle = low + (high - low) / 2;
                int d = strcmp(r->rules[middle].id ? r->rules[middle].id : "", id);

                if (d == 0)
                        return (int) middle;
                if (d < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return -1;
}

/* Of rules with one id, which stand side by side, those give way that a tried file replaces. */
static void drop_replaced(struct ruleset *r)
{
        unsigned n = 0;

        for (unsigned i = 0, end; i < r->n_rules; i = end) {
                bool tried = false;

                for (end = i; end < r->n_rules && r->rules[i].id && r->rules[end].id &&
                              strcmp(r->rules[i].id, r->rules[end].id) == 0;
                     end++)
                        tried = tried || r->rules[end].reader->tried;
                end = MAX(end, i + 1); /* one without an id stands alone */
                for (unsigned k = i; k < end; k++)
                        if (!tried || r->rules[k].reader->tried)
                                r->rules[n++] = r->rules[k];
        }
        r->n_rules = n;
}

static void check_duplicates(const struct ruleset *r)
{
        for (unsigned i = 1; i < r->n_rules; i++) {
                const struct rule *a = &r->rules[i - 1], *b = &r->rules[i];
                unsigned line, column;

                if (!a->id || !b->id || strcmp(a->id, b->id) != 0)
                        continue;
                problem_place(a->reader->tape.text, a->reader->tape.size,
                              a->reader->tape.nodes[a->node].offset, &line, &column);
                reader_complain(b->reader, b->node,
                                "the id \"%s\" is already that of the rule at "
                                "%s:%u:%u; ids are unique in all files",
                                b->id, a->reader->path, line, column);
        }
}

static int complain_unknown_rule(const struct ruleset *r, const struct rule *rule,
                                 const struct rule_reference *ref)
{
        cleanup_(free_p) const char **names = calloc(r->n_rules, sizeof(*names));
        const char *near;
        unsigned n = 0;

        if (!names)
                return -ENOMEM;
        for (unsigned i = 0; i < r->n_rules; i++)
                if (r->rules[i].id)
                        names[n++] = r->rules[i].id;
        near = word_nearest(ref->name.data, ref->name.size, names, n);
        reader_complain(rule->reader, ref->node, "there is no rule \"%s\"%s%s%s", ref->name.data,
                        near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
        return 0;
}

static void check_cleared(const struct rule *rule, const struct rule *cleared, uint32_t node)
{
        if (cleared->effect != EFFECT_FAIL)
                reader_complain(rule->reader, node,
                                "\"%s\" raises nothing (its effect is \"%s\"), so "
                                "there is nothing to clear",
                                cleared->id, effect_name(cleared->effect));
        else if (rule->fingerprint.n != cleared->fingerprint.n)
                reader_complain(rule->reader, node,
                                "the fingerprint of \"%s\" has %u parts and this "
                                "one %u; they must be the same parts in the same "
                                "order",
                                cleared->id, cleared->fingerprint.n, rule->fingerprint.n);
        else if (rule->fingerprint.null_if_missing != cleared->fingerprint.null_if_missing)
                reader_complain(rule->reader, node,
                                "\"missing\" must be the same here and in \"%s\"", cleared->id);
}

static int adapter_compare(const void *a, const void *b)
{
        const struct adapter *x = a, *y = b;

        return place_compare(x->id, x->reader, x->node, y->id, y->reader, y->node);
}

static void check_adapters(const struct ruleset *r)
{
        for (unsigned i = 1; i < r->n_adapters; i++) {
                const struct adapter *a = &r->adapters[i - 1], *b = &r->adapters[i];

                if (a->id && b->id && strcmp(a->id, b->id) == 0)
                        reader_complain(b->reader, b->node,
                                        "there is another adapter \"%s\", in %s; ids are unique",
                                        b->id, a->reader->path);
        }
}

/* The adapter that the name is a slip of, or NULL. */
static const char *adapter_near(const struct ruleset *r, const char *name)
{
        const char *near = NULL;

        for (unsigned i = 0; i < r->n_adapters && !near; i++)
                if (r->adapters[i].id)
                        near = word_nearest(name, strlen(name), &r->adapters[i].id, 1);
        return near;
}

static void check_adapter_of(const struct ruleset *r, const struct rule *rule)
{
        uint32_t node = rule->node;
        const char *near;

        if (!rule->adapter || !*rule->adapter)
                return;
        for (unsigned i = 0; i < r->n_adapters; i++)
                if (r->adapters[i].id && strcmp(r->adapters[i].id, rule->adapter) == 0) {
                        fields_check(rule, &r->adapters[i]);
                        return;
                }
        near = adapter_near(r, rule->adapter);
        if (json_member(&rule->reader->tape, rule->node, "adapter", &node) == 0)
                reader_complain(rule->reader, node, "there is no adapter \"%s\"; %s%s%s",
                                rule->adapter,
                                near ? "did you mean \"" : "put its file into adapters.d",
                                near ? near : "", near ? "\"?" : "");
}

static int resolve(struct ruleset *r)
{
        for (unsigned i = 0; i < r->n_rules; i++) {
                struct rule *rule = &r->rules[i];
                struct rule_references *lists[] = {&rule->clears, &rule->instead_of};

                check_adapter_of(r, rule);
                for (unsigned l = 0; l < ARRAY_LEN(lists); l++)
                        for (unsigned n = 0; n < lists[l]->n; n++) {
                                struct rule_reference *ref = &lists[l]->items[n];
                                int found = ruleset_find(r, ref->name.data);

                                if (found < 0) {
                                        int k = complain_unknown_rule(r, rule, ref);

                                        if (k < 0)
                                                return k;
                                        continue;
                                }
                                ref->rule = (unsigned) found;
                                if (lists[l] == &rule->clears)
                                        check_cleared(rule, &r->rules[found], ref->node);
                        }
        }
        return 0;
}

/* An id that a rule had before is nobody's now: whose nonconformities it means must be clear. */
static void check_was(const struct ruleset *r)
{
        for (unsigned i = 0; i < r->n_rules; i++)
                for (unsigned n = 0; n < r->rules[i].was.n; n++) {
                        const struct rule_reference *ref = &r->rules[i].was.items[n];
                        bool again = false;

                        if (ruleset_find(r, ref->name.data) >= 0)
                                reader_complain(r->rules[i].reader, ref->node,
                                                "there is still a rule \"%s\": \"was\" names what "
                                                "this rule was called before",
                                                ref->name.data);
                        for (unsigned j = 0; j < i && !again; j++)
                                for (unsigned k = 0; k < r->rules[j].was.n && !again; k++)
                                        again = strcmp(r->rules[j].was.items[k].name.data,
                                                       ref->name.data) == 0;
                        if (again)
                                reader_complain(r->rules[i].reader, ref->node,
                                                "another rule says already that it was \"%s\"; one "
                                                "of them can take its nonconformities over",
                                                ref->name.data);
                }
}

/* Depth first; a chain can be as long as there are rules, so the way is kept outside the stack. */
static int check_cycles(const struct ruleset *r)
{
        enum { NEW, ON_THE_WAY, DONE };
        cleanup_(free_p) unsigned char *marks = calloc(r->n_rules + 1U, 1);
        cleanup_(free_p) unsigned *way = calloc(r->n_rules + 1U, sizeof(*way));
        cleanup_(free_p) unsigned *nexts = calloc(r->n_rules + 1U, sizeof(*nexts));

        if (!marks || !way || !nexts)
                return -ENOMEM;
        for (unsigned i = 0; i < r->n_rules; i++) {
                unsigned depth = 0;

                if (marks[i] != NEW)
                        continue;
                marks[i] = ON_THE_WAY;
                way[depth++] = i;
                while (depth > 0) {
                        const struct rule *rule = &r->rules[way[depth - 1]];
                        unsigned *next = &nexts[way[depth - 1]];
                        const struct rule_reference *ref;

                        if (*next == rule->instead_of.n) {
                                marks[way[--depth]] = DONE;
                                continue;
                        }
                        ref = &rule->instead_of.items[(*next)++];
                        if (marks[ref->rule] == ON_THE_WAY) {
                                reader_complain(
                                        rule->reader, ref->node,
                                        "\"instead_of\" goes in a circle: \"%s\" leads back to "
                                        "itself",
                                        ref->name.data);
                        } else if (marks[ref->rule] == NEW) {
                                marks[ref->rule] = ON_THE_WAY;
                                way[depth++] = ref->rule;
                        }
                }
        }
        return 0;
}

static void ruleset_seal(struct ruleset *r)
{
        struct hasher h;

        hash_init(&h);
        for (unsigned i = 0; i < r->n_rules; i++) {
                hash_update(&h, "r", 1);
                hash_update(&h, r->rules[i].hash.bytes, HASH_BYTES);
                r->rules[i].reader = NULL;
        }
        for (unsigned i = 0; i < r->n_adapters; i++) {
                hash_update(&h, "a", 1);
                hash_update(&h, r->adapters[i].hash.bytes, HASH_BYTES);
                r->adapters[i].reader = NULL;
        }
        hash_final(&h, &r->hash);
}

static int loader_run(struct loader *l, struct complaints *complaints)
{
        struct ruleset *r = l->rules;
        int k;

        k = load_all(l);
        if (k < 0)
                return k;
        qsort(r->rules, r->n_rules, sizeof(*r->rules), rule_compare);
        qsort(r->adapters, r->n_adapters, sizeof(*r->adapters), adapter_compare);
        if (r->n_rules > LIMIT_RULES)
                reader_complain(r->rules[0].reader, 0, "there are %u rules; the most is %u",
                                r->n_rules, LIMIT_RULES);
        drop_replaced(r);
        check_duplicates(r);
        check_was(r);
        check_adapters(r);
        k = resolve(r);
        if (k == 0 && complaints->n == 0)
                k = check_cycles(r);
        if (buffer_status(&complaints->text) < 0)
                return -ENOMEM;
        if (k < 0 || complaints->n > 0)
                return k < 0 ? k : RULESET_E_INVALID;
        ruleset_seal(r);
        return index_build(r->rules, r->n_rules, &r->index);
}

int ruleset_load(const struct source_file *files, size_t n_files, const char *const *policies,
                 struct ruleset **ret, struct complaints *reterr)
{
        cleanup_(ruleset_unref_p) struct ruleset *r = NULL;
        cleanup_(loader_done) struct loader l = {0};
        int k;

        r = calloc(1, sizeof(*r));
        if (!r)
                return -ENOMEM;
        r->n_references = 1;
        l.rules = r;
        k = loader_open(&l, files, n_files, policies, reterr);
        if (k == 0)
                k = loader_run(&l, reterr);
        if (k != 0)
                return k;
        *ret = TAKE_PTR(r);
        return 0;
}

unsigned ruleset_count(const struct ruleset *r)
{
        return r->n_rules;
}

unsigned ruleset_adapter_count(const struct ruleset *r)
{
        return r->n_adapters;
}

const char *ruleset_rule_id(const struct ruleset *r, unsigned rule)
{
        return r->rules[rule].id;
}

const struct hash *ruleset_hash(const struct ruleset *r)
{
        return &r->hash;
}
