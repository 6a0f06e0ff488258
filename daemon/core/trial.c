/* Reads test events, judges them, compares. */
#include "daemon/core/trial.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/canonical.h"
#include "daemon/core/compiled.h"
#include "proto/base/limits.h"
#include "proto/wire/timestamp.h"

#define EXPECTED_BYTES LIMIT_STATEMENT_BYTES
#define REDACTED_COMPLAINT                                                                         \
        "\"redacted\" is the list of what is redacted, as the adapter's \"redact\" names it"

struct text_member { /* a key whose text is kept as it is */
        const char *name;
        size_t offset; /* of its struct text in the target */
};

static int read_texts(struct reader *r, uint32_t node, const struct text_member *members, size_t n,
                      void *target)
{
        uint32_t found;

        for (size_t i = 0; i < n; i++) {
                struct text *text = (struct text *) (void *) ((char *) target + members[i].offset);
                int k;

                if (json_member(&r->tape, node, members[i].name, &found) != 0)
                        continue;
                k = reader_text(r, found, EXPECTED_BYTES, text);
                if (k < 0)
                        return k;
        }
        return 0;
}

static int match_read_part(struct reader *r, uint32_t node, void *target)
{
        struct expectation *e = target;

        if (json_int64(&r->tape, node, &e->part) != 0 || e->part < 0)
                reader_complain(r, node,
                                "\"part\" is the number of the event in the message, from 0");
        return 0;
}

/* A list as it is compared: JSON without blanks. */
static int read_json_list(struct reader *r, uint32_t node, const char *complaint, struct text *ret)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;

        if (r->tape.nodes[node].kind != JSON_ARRAY) {
                reader_complain(r, node, "%s", complaint);
                return 0;
        }
        canonical_text(&r->tape, node, &b);
        if (buffer_status(&b) < 0)
                return -ENOMEM;
        return arena_text(r->arena, b.data, b.size, ret);
}

static int match_read_controls(struct reader *r, uint32_t node, void *target)
{
        struct expectation *e = target;

        return read_json_list(r, node,
                              "\"controls\" is the list of the nonconformity's controls, such as "
                              "[\"A.8.17\", \"A.8.9\"]",
                              &e->controls);
}

static int match_read(struct reader *r, uint32_t node, void *target)
{
        static const struct member MEMBERS[] = {
                {"rule", NULL, true},
                {"clears", NULL, false},
                {"effect", NULL, false},
                {"grade", NULL, false},
                {"title", NULL, false},
                {"statement", NULL, false},
                {"asset", NULL, false},
                {"fingerprint", NULL, false},
                {"controls", match_read_controls, false},
                {"part", match_read_part, false},
        };
        static const struct text_member TEXTS[] = {
                {"rule", offsetof(struct expectation, rule)},
                {"clears", offsetof(struct expectation, clears)},
                {"effect", offsetof(struct expectation, effect)},
                {"grade", offsetof(struct expectation, grade)},
                {"title", offsetof(struct expectation, title)},
                {"statement", offsetof(struct expectation, statement)},
                {"asset", offsetof(struct expectation, asset)},
                {"fingerprint", offsetof(struct expectation, fingerprint)},
        };
        struct trial *t = target;
        struct expectation *e = &t->matches[t->n_matches++];
        int k;

        e->part = -1;
        k = reader_object(r, node, "an expected match", MEMBERS, ARRAY_LEN(MEMBERS), e);
        return k < 0 ? k : read_texts(r, node, TEXTS, ARRAY_LEN(TEXTS), e);
}

static int part_read_redacted(struct reader *r, uint32_t node, void *target)
{
        struct expected_part *p = target;

        return read_json_list(r, node, REDACTED_COMPLAINT, &p->redacted);
}

static int part_read(struct reader *r, uint32_t node, void *target)
{
        static const struct member MEMBERS[] = {
                {"source", NULL, false},  {"type", NULL, false},
                {"subject", NULL, false}, {"id", NULL, false},
                {"time", NULL, false},    {"first_seen", NULL, false},
                {"status", NULL, false},  {"redacted", part_read_redacted, false},
        };
        static const struct text_member TEXTS[] = {
                {"source", offsetof(struct expected_part, source)},
                {"type", offsetof(struct expected_part, type)},
                {"subject", offsetof(struct expected_part, subject)},
                {"id", offsetof(struct expected_part, id)},
                {"time", offsetof(struct expected_part, time)},
                {"first_seen", offsetof(struct expected_part, first_seen)},
                {"status", offsetof(struct expected_part, status)},
        };
        struct trial *t = target;
        struct expected_part *p = &t->parts[t->n_parts++];
        int k;

        k = reader_object(r, node, "an expected part", MEMBERS, ARRAY_LEN(MEMBERS), p);
        return k < 0 ? k : read_texts(r, node, TEXTS, ARRAY_LEN(TEXTS), p);
}

static int trial_read_event(struct reader *r, uint32_t node, void *target)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        struct trial *t = target;

        canonical_text(&r->tape, node, &b);
        if (buffer_status(&b) < 0)
                return -ENOMEM;
        return arena_text(r->arena, b.data, b.size, &t->event);
}

static int trial_read_expect(struct reader *r, uint32_t node, void *target)
{
        struct trial *t = target;

        if (r->tape.nodes[node].kind == JSON_STRING) {
                t->has_verdict = true;
                return reader_text(r, node, EXPECTED_BYTES, &t->verdict);
        }
        t->has_matches = true;
        t->matches = arena_array(r->arena, reader_length(r, node) + 1U, sizeof(*t->matches));
        return t->matches ? reader_list(r, node, match_read, t) : -ENOMEM;
}

static int trial_read_parts(struct reader *r, uint32_t node, void *target)
{
        struct trial *t = target;

        t->has_parts = true;
        t->parts = arena_array(r->arena, reader_length(r, node) + 1U, sizeof(*t->parts));
        return t->parts ? reader_list(r, node, part_read, t) : -ENOMEM;
}

static int trial_read_redacted(struct reader *r, uint32_t node, void *target)
{
        struct trial *t = target;

        return read_json_list(r, node, REDACTED_COMPLAINT, &t->redacted);
}

int trial_read(struct reader *r, uint32_t node, struct trial *ret)
{
        static const struct member MEMBERS[] = {
                {"name", NULL, true},
                {"adapter", NULL, false},
                {"event", trial_read_event, true},
                {"expect", trial_read_expect, false},
                {"parts", trial_read_parts, false},
                {"redacted", trial_read_redacted, false},
        };
        static const struct text_member TEXTS[] = {
                {"name", offsetof(struct trial, name)},
                {"adapter", offsetof(struct trial, adapter)},
        };
        unsigned before = r->complaints->n;
        int k;

        *ret = (struct trial){0};
        k = reader_object(r, node, "a test", MEMBERS, ARRAY_LEN(MEMBERS), ret);
        if (k == 0)
                k = read_texts(r, node, TEXTS, ARRAY_LEN(TEXTS), ret);
        if (k < 0)
                return k;
        if (r->complaints->n == before && !ret->has_matches && !ret->has_verdict && !ret->has_parts)
                reader_complain(r, node,
                                "a test needs \"expect\" or \"parts\", else it could not fail");
        ret->path = arena_dup(r->arena, r->path, strlen(r->path));
        if (!ret->path)
                return -ENOMEM;
        problem_place(r->tape.text, r->tape.size, r->tape.nodes[node].offset, &ret->line,
                      &ret->column);
        return 0;
}

struct outcome { /* of one trial */
        const struct trial *trial;
        const struct ruleset *rules;
        const struct judgement *judged;
        struct buffer wrong; /* what was not as expected; empty: nothing */
};

static bool agrees(const struct text *expected, const char *got, size_t size)
{
        return !expected->data ||
               (expected->size == size && memcmp(expected->data, got ? got : "", size) == 0);
}

static bool agrees_text(const struct text *expected, const struct text *got)
{
        return agrees(expected, got->data, got->data ? got->size : 0);
}

static bool agrees_string(const struct text *expected, const char *got)
{
        return agrees(expected, got, got ? strlen(got) : 0);
}

static bool match_agrees(const struct outcome *o, const struct expectation *e, size_t part,
                         const struct match *m)
{
        char hex[2 * HASH_BYTES + 1];

        hash_hex(&m->fingerprint, hex);
        return (e->part < 0 || (size_t) e->part == part) &&
               agrees_string(&e->rule, ruleset_rule_id(o->rules, m->matched)) &&
               agrees_string(&e->clears, ruleset_rule_id(o->rules, m->rule)) &&
               agrees_string(&e->effect, effect_name(m->effect)) &&
               agrees_string(&e->grade, m->grade) && agrees_text(&e->title, &m->title) &&
               agrees_text(&e->statement, &m->found) && agrees_text(&e->asset, &m->asset) &&
               agrees_string(&e->fingerprint, hex) && agrees_text(&e->controls, &m->controls);
}

static void describe_match(struct outcome *o, size_t part, const struct match *m)
{
        char hex[2 * HASH_BYTES + 1];

        hash_hex(&m->fingerprint, hex);
        buffer_printf(&o->wrong,
                      " part %zu: rule \"%s\" %s \"%s\", grade %s, title \"%.*s\", fingerprint %s, "
                      "controls %.*s;",
                      part, ruleset_rule_id(o->rules, m->matched),
                      m->effect == EFFECT_PASS ? "clears" : "raises",
                      ruleset_rule_id(o->rules, m->rule), m->grade ? m->grade : "none",
                      (int) m->title.size, m->title.data ? m->title.data : "", hex,
                      (int) m->controls.size, m->controls.data);
}

static void describe_all(struct outcome *o)
{
        const struct judgement *j = o->judged;

        buffer_add_str(&o->wrong, " got:");
        if (j->verdict != VERDICT_MAX)
                buffer_printf(&o->wrong, " %s, %s;", verdict_name(j->verdict), j->problem.text);
        for (size_t i = 0; i < j->n_parts; i++) {
                const struct part *p = &j->parts[i];

                if (p->n_matches == 0)
                        buffer_printf(&o->wrong, " part %zu: %s %s;", i, verdict_name(p->verdict),
                                      p->problem.text);
                for (unsigned m = 0; m < p->n_matches; m++)
                        describe_match(o, i, &j->matches[p->first_match + m]);
        }
}

/* Each expectation takes a match of its own, and none is left over. */
static int compare_matches(struct outcome *o)
{
        const struct judgement *j = o->judged;
        cleanup_(free_p) bool *taken = calloc(j->n_matches + 1, sizeof(*taken));
        size_t n_taken = 0;

        if (!taken)
                return -ENOMEM;
        for (unsigned e = 0; e < o->trial->n_matches; e++) {
                bool found = false;

                for (size_t i = 0; i < j->n_parts && !found; i++)
                        for (size_t m = j->parts[i].first_match;
                             m < j->parts[i].first_match + j->parts[i].n_matches && !found; m++) {
                                found = !taken[m] &&
                                        match_agrees(o, &o->trial->matches[e], i, &j->matches[m]);
                                taken[m] |= found;
                        }
                n_taken += found;
                if (!found)
                        buffer_printf(&o->wrong,
                                      " nothing agrees with expectation %u (rule \"%s\");", e + 1,
                                      o->trial->matches[e].rule.data);
        }
        if (n_taken < j->n_matches)
                buffer_printf(&o->wrong, " %zu matches were not expected;", j->n_matches - n_taken);
        return 0;
}

/* One field of a part: what it is, and what it should be. */
static void compare_field(struct outcome *o, size_t part, const char *name,
                          const struct text *expected, const char *got, size_t size)
{
        if (agrees(expected, got, size))
                return;
        buffer_printf(&o->wrong, " part %zu: %s is ", part, name);
        if (size > 0)
                buffer_printf(&o->wrong, "\"%.*s\"", (int) size, got);
        else
                buffer_add_str(&o->wrong, "absent");
        buffer_printf(&o->wrong, ", \"%.*s\" was expected;", (int) expected->size, expected->data);
}

static void compare_text(struct outcome *o, size_t part, const char *name,
                         const struct text *expected, const struct text *got)
{
        compare_field(o, part, name, expected, got->data, got->data ? got->size : 0);
}

static void compare_time(struct outcome *o, size_t part, const char *name,
                         const struct text *expected, int64_t us)
{
        char text[TIMESTAMP_MAX] = "";

        timestamp_format(us, text, sizeof(text));
        compare_field(o, part, name, expected, text, strlen(text));
}

/* What was taken out, of an event or the whole message. */
static const struct text *redacted_of(const struct text *redacted)
{
        static const struct text NOTHING = {"[]", 2};

        return redacted->data ? redacted : &NOTHING;
}

static void compare_part(struct outcome *o, size_t i)
{
        const struct expected_part *e = &o->trial->parts[i];
        const struct part *p = &o->judged->parts[i];
        const char *status = verdict_name(p->verdict);

        compare_text(o, i, "source", &e->source, &p->source);
        compare_text(o, i, "type", &e->type, &p->type);
        compare_text(o, i, "subject", &e->subject, &p->subject);
        compare_text(o, i, "id", &e->id, &p->id);
        compare_time(o, i, "time", &e->time, p->observed_us);
        compare_time(o, i, "first_seen", &e->first_seen, p->first_seen_us);
        compare_field(o, i, "status", &e->status, status, strlen(status));
        compare_text(o, i, "redacted", &e->redacted, redacted_of(&p->redacted));
}

static void compare_parts(struct outcome *o)
{
        const struct judgement *j = o->judged;

        if (j->n_parts != o->trial->n_parts) {
                buffer_printf(&o->wrong, " %u parts were expected, there are %zu;",
                              o->trial->n_parts, j->n_parts);
                return;
        }
        for (size_t i = 0; i < j->n_parts; i++)
                compare_part(o, i);
}

static void compare_verdict(struct outcome *o)
{
        const struct judgement *j = o->judged;
        bool fits = j->verdict != VERDICT_MAX &&
                    agrees_string(&o->trial->verdict, verdict_name(j->verdict));

        for (size_t i = 0; i < j->n_parts; i++)
                fits = (i == 0 || fits) &&
                       agrees_string(&o->trial->verdict, verdict_name(j->parts[i].verdict));
        if (!fits)
                buffer_printf(&o->wrong, " \"%s\" was expected;", o->trial->verdict.data);
}

static void compare_redacted(struct outcome *o)
{
        const struct text *got = redacted_of(&o->judged->redacted);

        if (!agrees_text(&o->trial->redacted, got))
                buffer_printf(&o->wrong, " redacted is %.*s;", (int) got->size, got->data);
}

static int trial_run(struct outcome *o, struct judge *j, struct complaints *complaints)
{
        const struct trial *t = o->trial;
        struct delivery from = {
                .adapter = {t->adapter.data, t->adapter.size},
                .peer = "test",
                .request_id = {"test-request-0001", strlen("test-request-0001")},
        };
        struct frame event = {t->event.data, t->event.size};
        struct problem problem;
        int r;

        r = judge_frame(j, o->rules, &from, &event, &o->judged);
        if (r == 0 && t->has_matches)
                r = compare_matches(o);
        if (r < 0)
                return r;
        if (t->has_parts)
                compare_parts(o);
        if (t->has_verdict)
                compare_verdict(o);
        compare_redacted(o);
        if (o->wrong.size > 0)
                describe_all(o);
        if (buffer_status(&o->wrong) < 0)
                return -ENOMEM;
        if (o->wrong.size == 0)
                return 0;
        problem_set(&problem, 0, "test \"%s\":%s", t->name.data, o->wrong.data);
        buffer_printf(&complaints->text, "%s:%u:%u: %s\n", t->path, t->line, t->column,
                      problem.text);
        complaints->n++;
        return 0;
}

static bool is_chosen(const struct trial_choice *choice, const struct trial *t)
{
        return (!choice->file || strcmp(choice->file, t->path) == 0) &&
               (!choice->adapter ||
                (t->adapter.data && strcmp(choice->adapter, t->adapter.data) == 0));
}

int ruleset_test_some(const struct ruleset *r, const struct trial_choice *choice, unsigned *ret_n,
                      struct complaints *reterr)
{
        cleanup_(judge_free_p) struct judge *j = NULL;
        unsigned before = reterr->n, n = 0;
        int k;

        k = judge_new(&j);
        if (k < 0)
                return k;
        for (unsigned i = 0; i < r->n_trials; i++) {
                struct outcome o = {.trial = &r->trials[i], .rules = r, .wrong = BUFFER_NULL};

                if (!is_chosen(choice, o.trial))
                        continue;
                k = trial_run(&o, j, reterr);
                buffer_done(&o.wrong);
                if (k < 0)
                        return k;
                n++;
        }
        *ret_n = n;
        if (buffer_status(&reterr->text) < 0)
                return -ENOMEM;
        return reterr->n > before ? RULESET_E_INVALID : 0;
}

int ruleset_test(const struct ruleset *r, unsigned *ret_n, struct complaints *reterr)
{
        return ruleset_test_some(r, &(struct trial_choice){0}, ret_n, reterr);
}
