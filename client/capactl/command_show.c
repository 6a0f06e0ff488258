/* capactl show: all of one NC, for people. Sections without content are left out; it ends with what
 * is missing next and the command that records it. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/capactl/arguments.h"
#include "client/capactl/batch.h"
#include "client/capactl/command.h"
#include "client/capactl/follow_up.h"
#include "client/capactl/output.h"
#include "client/capactl/outside.h"
#include "client/capactl/when.h"
#include "proto/json/document.h"

#define HISTORY_LINES 10 /* newest ones; capactl log has all */

static void field_when(const struct session *s, const char *label, const struct cJSON *d,
                       const char *member)
{
        char text[2 * WHEN_TEXT_MAX];

        when_both(document_string(d, member, NULL), when_now(), text);
        output_field(s, label, text);
}

static void field_list(const struct session *s, const char *label, const struct cJSON *list)
{
        cleanup_(free_p) char *text = output_join(list, ", ");

        output_field(s, label, text);
}

static void print_head(const struct session *s, const struct cJSON *d)
{
        const char *grade = document_string(d, "grade", "");
        bool overdue = document_bool(d, "overdue", false);
        char text[OUTPUT_DUE_MAX];

        output_text(s, document_string(d, "ref", ""), "bold");
        printf("  ");
        output_text(s, document_string(d, "title", ""), "bold");
        printf("\n  ");
        output_text(s, grade, output_grade_colour(grade, false));
        printf(" · ");
        output_text(s, document_string(d, "state", ""), NULL);
        printf(" · cycle %" PRId64 " · version %" PRId64 "%s%s%s\n", document_int(d, "cycle", 1),
               document_int(d, "version", 0), overdue ? session_colour(s, "red") : "",
               overdue ? " · overdue" : "", overdue ? session_colour(s, "off") : "");
        output_field(s, "owner", document_string(d, "owner", "nobody"));
        output_due(document_get(d, "next_due"), true, text);
        output_field(s, "next due", text);
        output_field(s, "rule", document_string(d, "rule", NULL));
        if (document_string(d, "ruleset", NULL)) {
                snprintf(text, sizeof(text), "rule %.12s…, set %.12s…",
                         document_string(d, "rule_hash", ""), document_string(d, "ruleset", ""));
                output_field(s, "raised under", text);
        }
        if (document_bool(d, "flapping", false))
                output_field(s, "flapping",
                             "it failed and passed several times within a day: the "
                             "system does not close it");
        if (document_int(document_get(d, "storm"), "failures", 0) > 0) {
                snprintf(text, sizeof(text),
                         "%" PRId64 " failures%s; split --fingerprint makes one a nonconformity",
                         document_int(document_get(d, "storm"), "failures", 0),
                         document_bool(document_get(d, "storm"), "running", false)
                                 ? ", and it goes on"
                                 : "");
                output_field(s, "storm of", text);
        }
        output_field(s, "asset", document_string(d, "asset", NULL));
        output_field(s, "source", document_string(d, "source", NULL));
        field_list(s, "controls", document_get(d, "controls"));
        snprintf(text, sizeof(text), "%" PRId64, document_int(d, "occurrences", 0));
        output_field(s, "occurrences", text);
        field_when(s, "first seen", d, "first_seen");
        field_when(s, "last seen", d, "last_seen");
        field_when(s, "raised", d, "raised_at");
        field_when(s, "closed", d, "closed_at");
        output_field(s, "recurs from", document_string(d, "recurrence_of", NULL));
        output_field(s, "under hold", document_string(document_get(d, "hold"), "reason", NULL));
        output_field(s, "held by", document_string(document_get(d, "hold"), "by", NULL));
        field_when(s, "accepted until", d, "accepted_until");
        field_list(s, "merged into it", document_get(d, "merged"));
        output_field(s, "merged into", document_string(d, "merged_into", NULL));
        output_field(s, "split from", document_string(d, "split_from", NULL));
        output_field(s, "batch", document_string(d, "batch", NULL));
        outside_print_head(s, d);
}

static void print_statement(const struct session *s, const struct cJSON *statement)
{
        cleanup_(free_p) char *local = NULL;

        if (document_length(statement) == 0)
                return;
        output_heading(s, "Statement");
        output_field(s, "requirement", document_string(statement, "requirement", NULL));
        output_field(s, "found", document_string(statement, "found", NULL));
        local = when_localised(document_string(statement, "evidence", ""));
        output_field(s, "evidence", local);
}

static void print_causes(const struct session *s, const struct cJSON *causes)
{
        if (document_length(causes) > 0)
                output_heading(s, "Root causes");
        for (unsigned i = 0; i < document_length(causes); i++) {
                const struct cJSON *cause = document_at(causes, i);
                const struct cJSON *why = document_get(cause, "why");
                char label[32];

                snprintf(label, sizeof(label), "%" PRId64 " %.20s",
                         document_int(cause, "no", (int64_t) i + 1),
                         document_string(cause, "category", ""));
                output_field(s, label, document_string(cause, "text", ""));
                output_field(s, "method", document_string(cause, "method", NULL));
                for (unsigned k = 0; k < document_length(why); k++)
                        output_field(s, "why", document_text(document_at(why, k)));
                output_field(s, "retracted", document_string(cause, "retract_reason", NULL));
        }
}

static int print_actions(struct session *s, const char *heading, const struct cJSON *actions)
{
        static const struct column columns[] = {{.heading = "ACTION"},
                                                {.heading = "KIND"},
                                                {.heading = "STATE"},
                                                {.heading = "OWNER"},
                                                {.heading = "DUE"},
                                                {.heading = "RESULT"},
                                                {.heading = "TITLE", .cut = true}};
        cleanup_(columns_done) struct columns c = {0};
        int r;

        if (document_length(actions) == 0)
                return 0;
        output_heading(s, heading);
        r = columns_begin(&c, s, columns, ARRAY_LEN(columns));
        for (unsigned i = 0; r == 0 && i < document_length(actions); i++) {
                const struct cJSON *a = document_at(actions, i);
                const char *done = document_string(a, "done_at", NULL);
                char due[2 * WHEN_TEXT_MAX];
                const char *cells[] = {document_string(a, "ref", ""),
                                       document_string(a, "kind", ""),
                                       document_string(a, "state", ""),
                                       document_string(a, "owner", "nobody"),
                                       due,
                                       document_string(a, "result", ""),
                                       document_string(a, "title", "")};

                when_both(done ? done : document_string(a, "due", NULL), when_now(), due);
                r = columns_row(&c, cells, document_bool(a, "overdue", false) ? "red" : NULL);
        }
        if (r == 0)
                columns_print(&c);
        return r;
}

/* A span as people write it: {"mo":0,"d":60,"bd":0,"s":0} is 60d. */
static void span_text(const struct cJSON *span, char *ret, size_t size)
{
        static const struct {
                const char *member, *unit;
        } units[] = {{"mo", "mo"}, {"d", "d"}, {"bd", "bd"}, {"s", "s"}};

        ret[0] = '\0';
        for (size_t i = 0; i < ARRAY_LEN(units); i++)
                if (document_int(span, units[i].member, 0) != 0)
                        snprintf(ret + strlen(ret), size - strlen(ret), "%s%" PRId64 "%s",
                                 *ret ? " " : "", document_int(span, units[i].member, 0),
                                 units[i].unit);
}

/* One member of a recorded fact, whatever its kind. */
static void print_member(const struct session *s, const struct cJSON *fact, const char *name)
{
        const struct cJSON *member = document_get(fact, name);
        size_t n = strlen(name);
        char text[64], label[32];

        snprintf(label, sizeof(label), "%s", name);
        for (char *p = label; *p; p++)
                if (*p == '_')
                        *p = ' ';
        if (((n >= 2 && strcmp(name + n - 2, "at") == 0) || strcmp(name, "until") == 0) &&
            document_text(member))
                field_when(s, label, fact, name);
        else if (document_text(member))
                output_field(s, label, document_text(member));
        else if (document_is_array(member))
                field_list(s, label, member);
        else if (document_is_object(member)) {
                span_text(member, text, sizeof(text));
                output_field(s, label, text);
        } else if (document_bool(fact, name, false))
                output_field(s, label, "yes");
        else if (document_int(fact, name, INT64_MIN) != INT64_MIN) {
                snprintf(text, sizeof(text), "%" PRId64, document_int(fact, name, 0));
                output_field(s, label, text);
        }
}

static bool is_among(const char *const *names, size_t n, const char *name)
{
        for (size_t i = 0; i < n; i++)
                if (strcmp(names[i], name) == 0)
                        return true;
        return false;
}

/* A recorded fact: what it says first, who said it and when last. */
static void print_fact(const struct session *s, const char *heading, const struct cJSON *fact)
{
        static const char *const first[] = {"ref",  "verdict", "need", "isms",
                                            "risk", "title",   "text", "reason"};
        static const char *const last[] = {"by", "author", "at"};
        static const char *const not_shown[] = {"nc", "cycle", "covered"};

        if (!fact || (document_length(fact) == 0 && !document_text(fact)))
                return;
        output_heading(s, heading);
        if (document_text(fact)) {
                output_field(s, "", document_text(fact));
                return;
        }
        for (size_t i = 0; i < ARRAY_LEN(first); i++)
                print_member(s, fact, first[i]);
        for (unsigned i = 0; i < document_length(fact); i++) {
                const char *name = document_name(document_at(fact, i));

                if (name && !is_among(first, ARRAY_LEN(first), name) &&
                    !is_among(last, ARRAY_LEN(last), name) &&
                    !is_among(not_shown, ARRAY_LEN(not_shown), name))
                        print_member(s, fact, name);
        }
        for (size_t i = 0; i < ARRAY_LEN(last); i++)
                print_member(s, fact, last[i]);
}

static void print_facts(const struct session *s, const char *heading, const struct cJSON *list)
{
        for (unsigned i = 0; i < document_length(list); i++)
                print_fact(s, heading, document_at(list, i));
}

/* Corrections, with what is recorded beside them. */
static int print_corrections(struct session *s, const struct cJSON *d)
{
        const struct cJSON *corrections = document_get(d, "corrections");
        const char *consequences = document_string(d, "consequences", NULL);
        const char *none = document_string(d, "not_applicable", NULL);
        int r = 0;

        if (document_length(corrections) > 0)
                r = print_actions(s, "Correction", corrections);
        else if (consequences || none)
                output_heading(s, "Correction");
        output_field(s, "none, because", none);
        output_field(s, "consequences", consequences);
        return r;
}

static void print_similar(const struct session *s, const struct cJSON *d)
{
        const char *elsewhere = document_string(d, "elsewhere", NULL);
        const char *conclusion = document_string(d, "conclusion", NULL);
        const struct cJSON *similar = document_get(d, "similar");

        if (!elsewhere && !conclusion && document_length(similar) == 0)
                return;
        output_heading(s, "Similar ones");
        for (unsigned i = 0; i < document_length(similar); i++) {
                const struct cJSON *one = document_at(similar, i);

                if (document_text(one))
                        output_field(s, "found", document_text(one));
                else
                        output_field(
                                s, document_string(one, "ref", "found"),
                                document_string(one, "title", document_string(one, "why", "")));
        }
        output_field(s, "elsewhere", elsewhere);
        output_field(s, "conclusion", conclusion);
}

/* "in 3 days (Wed ...)" becomes "Wed ...": how far off it was does not matter once it is met. */
static void drop_relative(char *text)
{
        char *open = strstr(text, " (");
        size_t n;

        if (!open)
                return;
        n = strlen(open + 2);
        memmove(text, open + 2, n);
        text[n - 1] = '\0'; /* the closing one */
}

static int print_deadlines(struct session *s, const struct cJSON *deadlines)
{
        static const struct column columns[] = {{.heading = "DEADLINE"},
                                                {.heading = "STATE"},
                                                {.heading = "DUE"},
                                                {.heading = "FIRST DUE"},
                                                {.heading = "EXTENDED", .right = true}};
        cleanup_(columns_done) struct columns c = {0};
        int r;

        if (document_length(deadlines) == 0)
                return 0;
        output_heading(s, "Deadlines");
        r = columns_begin(&c, s, columns, ARRAY_LEN(columns));
        for (unsigned i = 0; r == 0 && i < document_length(deadlines); i++) {
                const struct cJSON *d = document_at(deadlines, i);
                const char *at = document_string(d, "due", "");
                const char *original = document_string(d, "due_original", "");
                const char *action = document_string(
                        d, "action",
                        document_string(d, "follow_up", document_string(d, "label", "")));
                bool late = document_bool(d, "late", document_bool(d, "overdue", false));
                char kind[64], state[32], due[2 * WHEN_TEXT_MAX], first[2 * WHEN_TEXT_MAX] = "";
                char extended[24] = "";
                const char *cells[] = {kind, state, due, first, extended};

                snprintf(kind, sizeof(kind), "%.30s%s%.30s", document_string(d, "kind", ""),
                         *action ? " " : "", action);
                snprintf(state, sizeof(state), "%.20s%s", document_string(d, "state", ""),
                         late ? " late" : "");
                when_both(at, when_now(), due);
                if (strcmp(document_string(d, "state", ""), "open") != 0)
                        drop_relative(due);
                if (strcmp(at, original) != 0)
                        when_both(original, when_now(), first);
                if (document_int(d, "extensions", 0) > 0)
                        snprintf(extended, sizeof(extended), "%" PRId64 "x",
                                 document_int(d, "extensions", 0));
                r = columns_row(&c, cells, late ? "red" : NULL);
        }
        if (r == 0)
                columns_print(&c);
        return r;
}

/* Behind an event: what its adapter took out before it was stored. */
static void redacted_add(const struct cJSON *redacted, char *what, size_t size)
{
        for (unsigned i = 0; i < document_length(redacted); i++) {
                const char *text = document_text(document_at(redacted, i));
                size_t used = strlen(what);

                snprintf(what + used, size - used, "%s%s", i == 0 ? ", taken out: " : ", ",
                         text ? text : "");
        }
}

static int print_evidence(struct session *s, const struct cJSON *evidence)
{
        static const struct column columns[] = {{.heading = "EVIDENCE"},
                                                {.heading = "KIND"},
                                                {.heading = "WHEN"},
                                                {.heading = "SHA-256"},
                                                {.heading = "WHAT", .cut = true}};
        cleanup_(columns_done) struct columns c = {0};
        int r;

        if (document_length(evidence) == 0)
                return 0;
        output_heading(s, "Evidence");
        r = columns_begin(&c, s, columns, ARRAY_LEN(columns));
        for (unsigned i = 0; r == 0 && i < document_length(evidence); i++) {
                const struct cJSON *e = document_at(evidence, i);
                char when[2 * WHEN_TEXT_MAX], digest[20] = "", what[1200];
                const char *cells[] = {document_string(e, "ref", ""),
                                       document_string(e, "kind", ""), when, digest, what};

                when_both(document_string(e, "at", NULL), when_now(), when);
                if (document_string(e, "sha256", NULL))
                        snprintf(digest, sizeof(digest), "%.12s…",
                                 document_string(e, "sha256", ""));
                snprintf(what, sizeof(what), "%.280s%s%.280s", document_string(e, "name", ""),
                         document_string(e, "name", NULL) && document_string(e, "role", NULL) ? ", "
                                                                                              : "",
                         document_string(e, "role", ""));
                redacted_add(document_get(e, "redacted"), what, sizeof(what));
                r = columns_row(&c, cells, NULL);
        }
        if (r == 0)
                columns_print(&c);
        return r;
}

static void print_history(const struct session *s, const struct cJSON *d)
{
        const struct cJSON *history = document_get(d, "history");
        unsigned n = document_length(history), from = n > HISTORY_LINES ? n - HISTORY_LINES : 0;

        if (n == 0)
                return;
        output_heading(s, "History");
        if (from > 0)
                printf("  … %u earlier: capactl log %s\n", from, document_string(d, "ref", ""));
        for (unsigned i = from; i < n; i++) {
                const struct cJSON *row = document_at(history, i);
                char when[2 * WHEN_TEXT_MAX];

                when_both(document_string(row, "at", NULL), when_now(), when);
                printf("  %s%s%s  ", session_colour(s, "dim"), when, session_colour(s, "off"));
                output_text(s, document_string(row, "actor", ""), NULL);
                printf(": ");
                output_sentence(s, document_string(row, "sentence", ""));
                putchar('\n');
        }
}

static void print_next(const struct session *s, const struct cJSON *d)
{
        const struct cJSON *missing = document_get(d, "missing"), *next = document_get(d, "next");

        if (document_length(missing) > 0)
                output_heading(s, "Missing");
        for (unsigned i = 0; i < document_length(missing); i++)
                output_step(s, "  ", document_at(missing, i));
        /* next begins with open requests; what is missing has been told */
        if (document_length(next) > document_length(missing) || document_length(missing) == 0) {
                putchar('\n');
                output_step(s, "Next: ", document_at(next, 0));
        }
}

/* The covered time behind a criterion of silence, and when nobody could have heard. */
static void print_covered(const struct session *s, const struct cJSON *covered)
{
        const struct cJSON *gaps = document_get(covered, "uncovered");

        output_field(s, "covered", document_string(covered, "sentence", NULL));
        for (unsigned i = 0; i < document_length(gaps); i++) {
                const struct cJSON *gap = document_at(gaps, i);
                char from[2 * WHEN_TEXT_MAX], to[2 * WHEN_TEXT_MAX], text[4 * WHEN_TEXT_MAX + 160];

                when_both(document_string(gap, "from", NULL), when_now(), from);
                when_both(document_string(gap, "to", NULL), when_now(), to);
                drop_relative(from);
                drop_relative(to);
                snprintf(text, sizeof(text), "%s to %s: %.120s", from, to,
                         document_string(gap, "why", ""));
                output_field(s, "not covered", text);
        }
}

static int print_nc(struct session *s, const struct cJSON *d)
{
        int r;

        print_head(s, d);
        print_statement(s, document_get(d, "statement"));
        r = print_corrections(s, d);
        if (r < 0)
                return r;
        print_causes(s, document_get(d, "causes"));
        print_similar(s, d);
        print_fact(s, "Need for action", document_get(d, "need_for_action"));
        r = print_actions(s, "Actions", document_get(d, "actions"));
        if (r < 0)
                return r;
        print_fact(s, "Criterion", document_get(d, "criterion"));
        print_covered(s, document_get(document_get(d, "criterion"), "covered"));
        print_fact(s, "Approval", document_get(d, "approval"));
        print_facts(s, "Verdict", document_get(d, "verdicts"));
        print_facts(s, "Acceptance", document_get(d, "acceptances"));
        print_facts(s, "Waiver of separation", document_get(d, "waivers"));
        outside_print_decisions(s, d);
        print_fact(s, "ISMS change", document_get(d, "isms_change"));
        print_fact(s, "Risk update", document_get(d, "risk_update"));
        if (document_length(document_get(d, "follow_ups")) > 0)
                output_heading(s, "Follow-ups");
        r = follow_up_print(s, document_get(d, "follow_ups"));
        if (r == 0)
                r = print_deadlines(s, document_get(d, "deadlines"));
        if (r == 0)
                r = print_evidence(s, document_get(d, "evidence"));
        if (r < 0)
                return r;
        print_facts(s, "Note", document_get(d, "notes"));
        print_history(s, d);
        print_next(s, d);
        return 0;
}

static int show_one(struct session *s, const char *reference)
{
        cleanup_(document_free_p) struct cJSON *d = NULL;
        int r;

        r = session_ask(s, reference, &d);
        if (r != 0 || !d)
                return r;
        return document_get(d, "items") ? batch_print(s, d) : print_nc(s, d);
}

int command_show(struct session *s, const struct arguments *a)
{
        (void) a;
        return session_each(s, show_one);
}
