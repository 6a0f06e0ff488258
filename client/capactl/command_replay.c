/* `rules replay`: what would be raised by other rules, and how that differs from what was. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/capactl/arguments.h"
#include "client/capactl/command.h"
#include "client/capactl/output.h"
#include "client/capactl/params.h"
#include "client/capactl/rule_files.h"
#include "client/capactl/session.h"
#include "proto/json/document.h"

#define ANSWER_MS 660000 /* the daemon answers within ten minutes with what it has */

static int add_files(struct params *p, const struct arguments *a, struct problem *reterr)
{
        if (arguments_has(a, "no-holds"))
                params_add_raw(p, "holds", "false");
        return rule_files_add(p, a, reterr);
}

/* -- what came of it -- */

static int add_rows(struct columns *c, const struct cJSON *list, const char *word)
{
        for (unsigned i = 0; i < document_length(list); i++) {
                const struct cJSON *row = document_at(list, i);
                const char *grade = document_string(row, "grade", NULL);
                const char *live = document_string(row, "live_grade", NULL);
                char times[32] = "", grades[64];
                int r;

                snprintf(grades, sizeof(grades), "%s%s%s", live && grade ? live : "",
                         live && grade && strcmp(live, grade) != 0 ? " → " : "",
                         !grade                             ? (live ? live : "")
                         : live && strcmp(live, grade) == 0 ? ""
                                                            : grade);
                if (grade)
                        snprintf(times, sizeof(times), "%" PRId64, document_int(row, "fails", 0));
                const char *const cells[] = {word,
                                             document_string(row, "ref", NULL),
                                             document_string(row, "rule", NULL),
                                             grades,
                                             times,
                                             document_string(row, "title", NULL)};

                r = columns_row(c, cells, output_grade_colour(grade ? grade : live, false));
                if (r < 0)
                        return r;
        }
        return 0;
}

static int print_table(struct session *s, const struct cJSON *d, bool all)
{
        static const struct {
                const char *name, *word;
                bool differs;
        } LISTS[] = {{"more", "would be raised", true},
                     {"gone", "would not be", true},
                     {"regraded", "other grade", true},
                     {"same", "the same", false},
                     {"known", "was there before", false}};
        static const struct column columns[] = {{.heading = ""},
                                                {.heading = "LIVE"},
                                                {.heading = "RULE"},
                                                {.heading = "GRADE"},
                                                {.heading = "TIMES", .right = true},
                                                {.heading = "TITLE", .cut = true}};
        cleanup_(columns_done) struct columns c = {0};
        int r;

        r = columns_begin(&c, s, columns, ARRAY_LEN(columns));
        for (size_t i = 0; r == 0 && i < ARRAY_LEN(LISTS); i++)
                if (all || LISTS[i].differs)
                        r = add_rows(&c, document_get(d, LISTS[i].name), LISTS[i].word);
        if (r == 0)
                columns_print(&c);
        return r;
}

/* How many of each kind; of what there is none only what a reader looks for. */
static void print_totals(const struct cJSON *d)
{
        static const struct {
                const char *name, *word;
                bool always;
        } COUNTS[] = {{"n_more", "more", true},
                      {"n_gone", "gone", true},
                      {"n_regraded", "of another grade", true},
                      {"n_same", "the same", true},
                      {"n_known", "there before", false},
                      {"merged", "fails would join others", false},
                      {"counted", "wait for their count", false},
                      {"suppressed", "are held back", false},
                      {"closed", "would close", false},
                      {"lost", "could not be played", false}};

        for (size_t i = 0; i < ARRAY_LEN(COUNTS); i++) {
                int64_t n = document_int(d, COUNTS[i].name, 0);

                if (n > 0 || COUNTS[i].always)
                        printf("%s%" PRId64 " %s", i > 0 ? ", " : "", n, COUNTS[i].word);
        }
        printf(".\n");
}

/* A moment of the answer, in local time, between two texts. */
static void print_moment(struct session *s, const struct cJSON *d, const char *name,
                         const char *before, const char *behind)
{
        fputs(before, stdout);
        output_sentence(s, document_string(d, name, ""));
        fputs(behind, stdout);
}

static void print_next(struct session *s, const struct cJSON *d, bool tried)
{
        bool differs = document_int(d, "n_more", 0) + document_int(d, "n_gone", 0) +
                               document_int(d, "n_regraded", 0) >
                       0;
        const struct cJSON *warnings = document_get(d, "warnings");

        for (unsigned i = 0; i < document_length(warnings); i++)
                output_sentence(s, document_text(document_at(warnings, i)));
        if (document_bool(d, "cut", false))
                print_moment(s, d, "until", "The time was over: it went as far as ",
                             "; replay a shorter time.\n");
        output_text(s, document_string(d, "note", ""), "dim");
        putchar('\n');
        if (tried)
                printf("Nothing was changed. To put them in force: the files into the rules of "
                       "capad, `capad check`, then reload it.\n");
        else if (differs)
                printf("Nothing was changed. What differs is what rules that were changed since "
                       "then would do.\n");
}

static int print_replay(struct session *s, const struct cJSON *d, const struct arguments *a)
{
        int r;

        if (output_mistakes(document_get(d, "errors")) || !document_bool(d, "ok", true))
                return EXIT_REFUSED;
        print_moment(s, d, "since", "Events since ", ": ");
        printf("%" PRId64 ", %" PRId64 " of them known to no rule, %" PRId64 " refused.\n",
               document_int(d, "events", 0), document_int(d, "ignored", 0),
               document_int(d, "refused", 0));
        r = print_table(s, d, arguments_has(a, "all"));
        if (r < 0)
                return r;
        print_totals(d);
        print_next(s, d, a->n_rest > 0);
        return 0;
}

int command_rules_replay(struct session *s, const struct arguments *a)
{
        cleanup_(params_done) struct params p = {0};
        cleanup_(reply_done) struct reply reply = {0};
        struct problem problem = {0};
        int r;

        if (!getenv("CAPACTL_TIMEOUT"))
                s->timeout_ms = ANSWER_MS;
        r = params_begin(&p, a, &problem);
        if (r == 0)
                r = add_files(&p, a, &problem);
        if (r != 0)
                return r < 0 ? r : session_complain(EXIT_USAGE, "%s", problem.text);
        r = session_reply(s, a->command->method, &p, &reply);
        if (r != 0)
                return r;
        if (a->json) {
                session_json(s, reply.text, reply.size);
                return document_bool(reply.document, "ok", true) ? 0 : EXIT_REFUSED;
        }
        return print_replay(s, reply.document, a);
}
