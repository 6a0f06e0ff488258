/* How answers look to people. */
#include "client/capactl/output.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/capactl/arguments.h"
#include "client/capactl/outside.h"
#include "client/capactl/text.h"
#include "client/capactl/when.h"
#include "proto/json/document.h"

#define LABEL_WIDTH   13
#define WIDE_TERMINAL 120 /* columns from which lists show dates in full */

void output_text(const struct session *s, const char *text, const char *colour)
{
        cleanup_(free_p) char *clean = text_cleaned(text, 0);

        printf("%s%s%s", colour ? session_colour(s, colour) : "", clean ? clean : "",
               colour ? session_colour(s, "off") : "");
}

void output_sentence(const struct session *s, const char *sentence)
{
        cleanup_(free_p) char *local = when_localised(sentence);

        output_text(s, local ? local : sentence, NULL);
}

void output_field(const struct session *s, const char *label, const char *text)
{
        cleanup_(free_p) char *clean = NULL;

        if (!text || !*text)
                return;
        clean = text_cleaned(text, LABEL_WIDTH + 2);
        printf("  %s%-*s%s%s\n", session_colour(s, "dim"), LABEL_WIDTH, label,
               session_colour(s, "off"), clean ? clean : "");
}

void output_heading(const struct session *s, const char *text)
{
        printf("\n%s%s%s\n", session_colour(s, "bold"), text, session_colour(s, "off"));
}

void output_due(const struct cJSON *due, bool with_date, char ret[OUTPUT_DUE_MAX])
{
        const char *at = document_string(due, "due", NULL);
        char text[2 * WHEN_TEXT_MAX];

        ret[0] = '\0';
        if (!at)
                return;
        when_both(at, when_now(), text);
        if (!with_date && strstr(text, " ("))
                *strstr(text, " (") = '\0';
        snprintf(ret, OUTPUT_DUE_MAX, "%.60s %s",
                 document_string(due, "label", document_string(due, "kind", "")), text);
}

char *output_join(const struct cJSON *list, const char *between)
{
        struct buffer b = BUFFER_NULL;

        if (document_text(list))
                return strdup(document_text(list));
        buffer_add_str(&b, "");
        for (unsigned i = 0; document_is_array(list) && i < document_length(list); i++) {
                const char *text = document_text(document_at(list, i));

                if (i > 0)
                        buffer_add_str(&b, between);
                buffer_add_str(&b, text ? text : "");
        }
        return b.data ? buffer_take(&b) : strdup("");
}

void output_step(const struct session *s, const char *label, const struct cJSON *step)
{
        const char *sentence = document_string(step, "sentence", "");
        const char *command = document_string(step, "command", "");

        if (!*sentence && !*command)
                return;
        printf("%s", label);
        output_sentence(s, sentence);
        putchar('\n');
        if (*command) {
                printf("    ");
                output_text(s, command, "cyan");
                putchar('\n');
        }
}

const char *output_grade_colour(const char *grade, bool overdue)
{
        if (overdue)
                return "red";
        if (strcmp(grade, "critical") == 0 || strcmp(grade, "major") == 0)
                return "yellow";
        return NULL;
}

/* "FU-3, due in 3 months (...)" of one that begins, "FU-3, period 2 ok" of what was recorded. */
static void print_follow_up(const struct session *s, const struct cJSON *result)
{
        const char *reference = document_string(result, "follow_up", NULL);
        char due[2 * WHEN_TEXT_MAX], text[2 * WHEN_TEXT_MAX + 80];

        if (!reference)
                return;
        when_both(document_string(result, "due", NULL), when_now(), due);
        if (document_string(result, "outcome", NULL))
                snprintf(text, sizeof(text), "%.20s, period %" PRId64 " %.20s", reference,
                         document_int(result, "period", 0), document_string(result, "outcome", ""));
        else
                snprintf(text, sizeof(text), "%.20s, due %s", reference, due);
        output_field(s, "follow-up", text);
}

static void print_made(const struct session *s, const struct cJSON *result)
{
        cleanup_(free_p) char *evidence = output_join(document_get(result, "evidence"), ", ");
        cleanup_(free_p) char *local = NULL;
        const struct cJSON *request = document_get(result, "request");
        const struct cJSON *warnings = document_get(result, "warnings");

        output_field(s, "action", document_string(result, "action", NULL));
        print_follow_up(s, result);
        output_field(s, "criterion",
                     document_string(document_get(result, "criterion"), "sentence", NULL));
        output_field(s, "evidence", evidence);
        if (request) {
                local = when_localised(document_string(request, "sentence", ""));
                output_field(s, "asked for", local);
        }
        for (unsigned i = 0; i < document_length(warnings); i++) {
                cleanup_(free_p) char *warning =
                        when_localised(document_text(document_at(warnings, i)));

                output_field(s, "mind", warning);
        }
        if (document_get(result, "left_out")) {
                const struct cJSON *left = document_get(result, "left_out");

                output_field(s, "done", document_string(result, "sentence", NULL));
                for (unsigned i = 0; i < document_length(left); i++)
                        output_field(s, "left out",
                                     document_string(document_at(left, i), "sentence", ""));
        }
}

/* Of escalations of several NCs, or of none: there is no one NC to tell of. */
static void print_acked(struct session *s, const struct cJSON *acked)
{
        if (document_length(acked) == 0 && !s->arguments->quiet)
                printf("Nothing to acknowledge: no escalation that went to you waits for it.\n");
        for (unsigned i = 0; i < document_length(acked); i++) {
                const struct cJSON *one = document_at(acked, i);
                char until[2 * WHEN_TEXT_MAX];

                when_both(document_string(one, "acked_until", NULL), when_now(), until);
                output_text(s, document_string(one, "escalation", ""), "bold");
                if (!s->arguments->quiet) {
                        printf(" of %s %s, until %s · ", document_string(one, "nc", ""),
                               arguments_has(s->arguments, "dry-run") ? "would be acknowledged"
                                                                      : "is acknowledged",
                               until);
                        output_text(s, document_string(one, "title", ""), "dim");
                }
                putchar('\n');
        }
}

void output_result(struct session *s, const struct cJSON *result, bool alone)
{
        const struct cJSON *nc = document_get(result, "nc");
        const char *reference = document_string(result, "ref", document_string(nc, "ref", ""));
        const char *action =
                document_string(result, "action", document_string(result, "follow_up", NULL));
        const char *title = document_string(nc, "title", "");
        char due[OUTPUT_DUE_MAX];

        if (!*reference && document_is_array(document_get(result, "acked"))) {
                print_acked(s, document_get(result, "acked"));
                return;
        }
        if (s->arguments->quiet) {
                printf("%s\n", action ? action : reference);
                return;
        }
        output_due(document_get(nc, "next_due"), true, due);
        output_text(s, reference, "bold");
        if (document_string(result, "state", NULL)) {
                printf(" %s", document_bool(result, "dry_run", false) ||
                                              arguments_has(s->arguments, "dry-run")
                                      ? "would be "
                                      : "is ");
                output_text(s, document_string(result, "state", ""), NULL);
        }
        if (*due)
                printf(", next due: %s", due);
        if (*title) {
                printf(" · ");
                output_text(s, title, "dim");
        }
        putchar('\n');
        print_made(s, result);
        if (alone)
                output_step(s, "Next: ", document_at(document_get(result, "next"), 0));
}

static int add_summary(struct columns *c, const struct cJSON *nc, bool with_date)
{
        bool overdue = document_bool(nc, "overdue", false);
        const char *grade = document_string(nc, "grade", "");
        char due[OUTPUT_DUE_MAX], occurrences[24], title[1600], waits[512];
        const char *cells[] = {document_string(nc, "ref", ""),
                               grade,
                               document_string(nc, "state", ""),
                               due,
                               document_string(nc, "owner", "nobody"),
                               occurrences,
                               title};

        outside_waits(nc, waits, sizeof(waits));
        snprintf(title, sizeof(title), "%.1024s%s%s%s", document_string(nc, "title", ""),
                 document_bool(nc, "flapping", false) ? " · flapping" : "", *waits ? " · " : "",
                 waits);
        output_due(document_get(nc, "next_due"), with_date, due);
        snprintf(occurrences, sizeof(occurrences), "%lld",
                 (long long) document_int(nc, "occurrences", 0));
        return columns_row(c, cells, output_grade_colour(grade, overdue));
}

bool output_mistakes(const struct cJSON *list)
{
        for (unsigned i = 0; i < document_length(list); i++) {
                cleanup_(free_p) char *line = text_cleaned(document_text(document_at(list, i)), 0);

                fprintf(stderr, "%s\n", line ? line : "");
        }
        return document_length(list) > 0;
}

int output_listing(struct session *s, const struct listing *listing, const struct cJSON *list)
{
        cleanup_(columns_done) struct columns c = {0};
        int r;

        if (s->arguments->quiet && listing->reference) {
                for (const struct cJSON *row = document_at(list, 0); row; row = document_next(row))
                        printf("%s\n", document_string(row, listing->reference, ""));
                return 0;
        }
        if (document_length(list) == 0 && listing->empty)
                printf("%s\n", listing->empty);
        r = columns_begin(&c, s, listing->columns, listing->n_columns);
        for (const struct cJSON *row = document_at(list, 0); r == 0 && row;
             row = document_next(row))
                r = listing->add_row(&c, row);
        if (r == 0)
                columns_print(&c);
        return r;
}

int output_blocks(struct session *s, const char *empty,
                  void (*print)(struct session *s, const struct cJSON *one))
{
        cleanup_(document_free_p) struct cJSON *list = NULL;
        int r;

        r = session_ask(s, NULL, &list);
        if (r != 0 || !list)
                return r;
        if (document_length(list) == 0)
                puts(empty);
        for (unsigned i = 0; i < document_length(list); i++)
                print(s, document_at(list, i));
        return 0;
}

int output_listed(struct session *s, const char *reference, const struct listing *listing)
{
        cleanup_(document_free_p) struct cJSON *list = NULL;
        int r;

        r = session_ask(s, reference, &list);
        return r != 0 || !list ? r : output_listing(s, listing, list);
}

int output_summaries(struct session *s, const struct cJSON *list)
{
        static const struct column columns[] = {{.heading = "REF"},
                                                {.heading = "GRADE"},
                                                {.heading = "STATE"},
                                                {.heading = "NEXT DUE"},
                                                {.heading = "OWNER"},
                                                {.heading = "N", .right = true},
                                                {.heading = "TITLE", .cut = true}};
        cleanup_(columns_done) struct columns c = {0};
        bool with_date;
        int r;

        r = columns_begin(&c, s, columns, ARRAY_LEN(columns));
        if (r < 0)
                return r;
        with_date = columns_width(&c) == 0 || columns_width(&c) >= WIDE_TERMINAL;
        for (unsigned i = 0; r == 0 && i < document_length(list); i++)
                r = add_summary(&c, document_at(list, i), with_date);
        if (r == 0)
                columns_print(&c);
        return r;
}
