/* Reading the register: page, list, log, next, due, search, since, approvals, confirm. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/capactl/arguments.h"
#include "client/capactl/command.h"
#include "client/capactl/output.h"
#include "client/capactl/params.h"
#include "client/capactl/when.h"
#include "proto/json/document.h"
#include "proto/json/tape.h"

#define LIST_PAGE 2000 /* objects a call: far below the limit of one result */
#define LOG_PAGE  500

/* Append the elements of one page, as they came, to an open JSON list. *ret_n: how many; *after:
 * the member `key` of the last one, as JSON. */
static int append_page(const char *page, size_t size, const char *key, struct buffer *list,
                       size_t *ret_n, struct buffer *after)
{
        cleanup_(json_tape_done) struct json_tape tape = JSON_TAPE_NULL;
        struct problem problem = {0};
        const char *text;
        size_t length;
        uint32_t child, node;
        int r;

        r = json_tape_parse(&tape, page, size, &problem);
        if (r < 0)
                return r;
        if (r > 0 || tape.nodes[0].kind != JSON_ARRAY)
                return session_complain(EXIT_INTERNAL, "the answer is no list: %s", problem.text);
        child = json_first(&tape, 0);
        for (uint32_t i = 0; i < tape.nodes[0].count; i++, child = tape.nodes[child].next) {
                if (list->size > 1)
                        buffer_add_char(list, ',');
                json_slice(&tape, child, &text, &length);
                buffer_add(list, text, length);
                if (i + 1 == tape.nodes[0].count && json_member(&tape, child, key, &node) == 0) {
                        json_slice(&tape, node, &text, &length);
                        buffer_clear(after);
                        buffer_add(after, text, length);
                }
        }
        *ret_n = tape.nodes[0].count;
        return 0;
}

/* A list that comes in pages, whole. One page keeps its bytes; several are joined. */
static int ask_pages(struct session *s, struct params *p, const char *key, int page,
                     struct buffer *ret)
{
        cleanup_(buffer_done) struct buffer after = BUFFER_NULL;
        size_t mark = params_mark(p), n = 0;
        unsigned pages = 0;
        int r;

        buffer_add_char(ret, '[');
        do {
                cleanup_(free_p) char *answer = NULL;
                size_t size = 0;

                params_add_int(p, "limit", page);
                if (after.size > 0)
                        params_add_raw(p, "after", after.data);
                r = session_call(s, s->arguments->command->method, p, &answer, &size);
                params_reset(p, mark);
                if (r != 0)
                        return r;
                r = append_page(answer, size, key, ret, &n, &after);
                if (r != 0)
                        return r;
                if (n < (size_t) page && pages == 0) { /* the only one: as it came */
                        buffer_clear(ret);
                        buffer_add(ret, answer, size);
                        return buffer_status(ret);
                }
                pages++;
        } while (n == (size_t) page);
        buffer_add_char(ret, ']');
        return buffer_status(ret);
}

/* The answer of the command's method: printed under --json (then *ret stays NULL), else parsed.
 * reference: for the first argument, or NULL. key: the member that the next page goes on after. */
static int ask_list(struct session *s, const char *reference, const char *key, int page,
                    struct cJSON **ret)
{
        cleanup_(params_done) struct params p = {0};
        cleanup_(buffer_done) struct buffer list = BUFFER_NULL;
        struct problem problem = {0};
        int r;

        r = params_begin(&p, s->arguments, &problem);
        if (r != 0)
                return r < 0 ? r : session_complain(EXIT_USAGE, "%s", problem.text);
        if (reference)
                params_add_string(&p, s->arguments->command->arguments[0].member, reference);
        r = ask_pages(s, &p, key, page, &list);
        if (r != 0)
                return r;
        if (s->arguments->json) {
                session_json(s, list.data, list.size);
                return 0;
        }
        r = document_parse(list.data, list.size, ret, &problem);
        return r <= 0 ? r
                      : session_complain(EXIT_INTERNAL, "the answer is no JSON: %s", problem.text);
}

static void print_references(const struct cJSON *list, const char *member)
{
        for (unsigned i = 0; i < document_length(list); i++)
                printf("%s\n", document_string(document_at(list, i), member, ""));
}

static int add_register(struct columns *c, const struct cJSON *nc)
{
        const struct cJSON *row = document_get(nc, "register");
        char due[2 * WHEN_TEXT_MAX];
        const char *cells[] = {
                document_string(nc, "ref", ""),         document_string(row, "issue", ""),
                document_string(row, "root_cause", ""), document_string(row, "action", ""),
                document_string(row, "owner", ""),      due};

        when_both(document_string(row, "due", NULL), when_now(), due);
        return columns_row(c, cells, document_bool(nc, "overdue", false) ? "red" : NULL);
}

static int print_register(struct session *s, const struct cJSON *list)
{
        static const struct column columns[] = {{.heading = "REF"},
                                                {.heading = "ISSUE", .cut = true},
                                                {.heading = "ROOT CAUSE", .cut = true},
                                                {.heading = "ACTION", .cut = true},
                                                {.heading = "OWNER"},
                                                {.heading = "DUE"}};
        static const struct listing listing = {
                .columns = columns, .n_columns = ARRAY_LEN(columns), .add_row = add_register};

        return output_listing(s, &listing, list);
}

int command_list(struct session *s, const struct arguments *a)
{
        cleanup_(document_free_p) struct cJSON *list = NULL;
        int r;

        r = ask_list(s, NULL, "ref", LIST_PAGE, &list);
        if (r != 0 || !list)
                return r;
        if (a->quiet)
                print_references(list, "ref");
        else if (document_length(list) == 0)
                printf("Nothing %s.\n", a->n_given > 0 ? "matches" : "is open");
        else if (arguments_has(a, "register"))
                r = print_register(s, list);
        else
                r = output_summaries(s, list);
        return r;
}

int command_search(struct session *s, const struct arguments *a)
{
        cleanup_(document_free_p) struct cJSON *list = NULL;
        int r;

        r = session_ask(s, NULL, &list);
        if (r != 0 || !list)
                return r;
        if (a->quiet)
                print_references(list, "ref");
        else if (document_length(list) == 0)
                printf("Nothing has these words.\n");
        else
                r = output_summaries(s, list);
        return r;
}

/* Lines of what happened, oldest first; day and time once, relative where it helps. */
static int print_log(struct session *s, const struct cJSON *list, bool with_reference)
{
        static const struct column columns[] = {{.heading = "SEQ", .right = true},
                                                {.heading = "WHEN"},
                                                {.heading = "WHO"},
                                                {.heading = "REF"},
                                                {.heading = "WHAT", .cut = true}};
        cleanup_(columns_done) struct columns c = {0};
        int r;

        r = columns_begin(&c, s, columns, ARRAY_LEN(columns));
        for (unsigned i = 0; r == 0 && i < document_length(list); i++) {
                const struct cJSON *row = document_at(list, i);
                const char *title = with_reference ? document_string(row, "title", "") : "";
                cleanup_(free_p) char *local = when_localised(document_string(row, "sentence", ""));
                char seq[24], when[2 * WHEN_TEXT_MAX], what[1024];
                const char *cells[] = {seq, when, document_string(row, "actor", ""),
                                       document_string(row, "ref", ""), what};

                snprintf(seq, sizeof(seq), "%" PRId64, document_int(row, "seq", 0));
                when_both(document_string(row, "at", NULL), when_now(), when);
                snprintf(what, sizeof(what), "%.700s%s%.300s", local ? local : "",
                         *title ? " · " : "", title);
                r = columns_row(&c, cells, NULL);
        }
        if (r == 0)
                columns_print(&c);
        return r;
}

static int log_one(struct session *s, const char *reference)
{
        cleanup_(document_free_p) struct cJSON *list = NULL;
        int r;

        r = ask_list(s, reference, "seq", LOG_PAGE, &list);
        return r != 0 || !list ? r : print_log(s, list, false);
}

int command_log(struct session *s, const struct arguments *a)
{
        (void) a;
        return session_each(s, log_one);
}

int command_since(struct session *s, const struct arguments *a)
{
        cleanup_(document_free_p) struct cJSON *list = NULL;
        int r;

        (void) a;
        r = ask_list(s, NULL, "seq", LOG_PAGE, &list);
        if (r != 0 || !list)
                return r;
        if (document_length(list) == 0)
                printf("Nothing happened.\n");
        return print_log(s, list, true);
}

/* One thing to do; its reference and title only where they are not those of the one before. */
static void print_step(const struct session *s, const struct cJSON *step,
                       const struct cJSON *before)
{
        const char *due = document_string(step, "due", NULL);
        bool overdue = document_bool(step, "overdue", false);
        char when[2 * WHEN_TEXT_MAX];

        if (before &&
            strcmp(document_string(step, "ref", ""), document_string(before, "ref", "")) == 0) {
                output_step(s, "  ", step);
                return;
        }
        when_both(due, when_now(), when);
        output_text(s, document_string(step, "ref", ""), "bold");
        if (*document_string(step, "title", "")) {
                printf("  ");
                output_text(s, document_string(step, "title", ""), NULL);
        }
        if (due)
                printf("  %s%s%s", session_colour(s, overdue ? "red" : "dim"), when,
                       session_colour(s, "off"));
        putchar('\n');
        output_step(s, "  ", step);
}

static int next_one(struct session *s, const char *reference)
{
        cleanup_(document_free_p) struct cJSON *list = NULL;
        int r;

        r = session_ask(s, reference, &list);
        if (r != 0 || !list)
                return r;
        if (document_length(list) == 0)
                printf("Nothing is left to do%s.\n", reference ? "" : " for you");
        for (unsigned i = 0; i < document_length(list); i++)
                print_step(s, document_at(list, i), i > 0 ? document_at(list, i - 1) : NULL);
        return 0;
}

int command_next(struct session *s, const struct arguments *a)
{
        return a->n_references == 0 ? next_one(s, NULL) : session_each(s, next_one);
}

static const char *group_heading(const char *group)
{
        static const struct {
                const char *group, *heading;
        } headings[] = {{"escalations", "Escalated to you"},
                        {"approvals", "Waits for your decision"},
                        {"confirmations", "Waits for your confirmation"},
                        {"actions", "Your actions"},
                        {"follow_ups", "Checks that go on"},
                        {"own", "Yours"},
                        {"triage", "Waits for triage"}};

        for (size_t i = 0; i < ARRAY_LEN(headings); i++)
                if (strcmp(headings[i].group, group) == 0)
                        return headings[i].heading;
        return group;
}

int command_page(struct session *s, const struct arguments *a)
{
        cleanup_(document_free_p) struct cJSON *d = NULL;
        const struct cJSON *counts, *lines;
        const char *group = "";
        int r;

        (void) a;
        r = session_ask(s, NULL, &d);
        if (r != 0 || !d)
                return r;
        counts = document_get(d, "counts");
        lines = document_get(d, "lines");
        output_text(s, document_string(d, "actor", ""), "bold");
        printf(": %" PRId64 " open, %" PRId64 " overdue, %" PRId64 " yours, %" PRId64
               " to approve, %" PRId64 " to confirm, %" PRId64 " not acknowledged\n",
               document_int(counts, "open", 0), document_int(counts, "overdue", 0),
               document_int(counts, "mine", 0), document_int(counts, "approvals", 0),
               document_int(counts, "confirmations", 0), document_int(counts, "unacked", 0));
        for (unsigned i = 0; i < document_length(lines); i++) {
                const struct cJSON *line = document_at(lines, i);
                const struct cJSON *before = i > 0 ? document_at(lines, i - 1) : NULL;

                if (strcmp(group, document_string(line, "group", "")) != 0) {
                        group = document_string(line, "group", "");
                        before = NULL;
                        output_heading(s, group_heading(group));
                }
                print_step(s, line, before);
        }
        if (document_length(lines) == 0)
                printf("Nothing waits for you. All that is open: capactl list\n");
        return 0;
}

static int add_due(struct columns *c, const struct cJSON *row)
{
        const char *at = document_string(row, "due", "");
        const char *original = document_string(row, "due_original", "");
        char due[2 * WHEN_TEXT_MAX], first[2 * WHEN_TEXT_MAX] = "";
        const char *cells[] = {document_string(row, "ref", ""),
                               document_string(row, "label", document_string(row, "kind", "")),
                               due,
                               first,
                               document_string(row, "owner", "nobody"),
                               document_string(row, "title", "")};

        when_both(at, when_now(), due);
        if (strcmp(at, original) != 0)
                when_both(original, when_now(), first);
        return columns_row(c, cells, document_bool(row, "overdue", false) ? "red" : NULL);
}

int command_due(struct session *s, const struct arguments *a)
{
        static const struct column columns[] = {
                {.heading = "REF"},       {.heading = "WHAT"},  {.heading = "DUE"},
                {.heading = "FIRST DUE"}, {.heading = "OWNER"}, {.heading = "TITLE", .cut = true}};
        static const struct listing listing = {.columns = columns,
                                               .n_columns = ARRAY_LEN(columns),
                                               .add_row = add_due,
                                               .empty = "Nothing is due."};

        (void) a;
        return output_listed(s, NULL, &listing);
}

static void print_approval(struct session *s, const struct cJSON *request)
{
        cleanup_(free_p) char *authors = output_join(document_get(request, "authors"), ", ");
        char when[2 * WHEN_TEXT_MAX];

        when_both(document_string(request, "opened_at", NULL), when_now(), when);
        output_text(s, document_string(request, "ref", ""), "bold");
        printf("  ");
        output_text(s, document_string(request, "title", ""), NULL);
        putchar('\n');
        output_field(s, "asked for", document_string(request, "what", NULL));
        output_field(s, "by", authors);
        output_field(s, "asked", when);
        output_field(s, "reason", document_string(request, "reason", NULL));
        if (document_bool(request, "may", true))
                output_step(s, "  ", request);
        else
                output_field(s, "", "another person has to decide this");
}

int command_approvals(struct session *s, const struct arguments *a)
{
        (void) a;
        return output_blocks(s, "Nothing waits for a decision.", print_approval);
}

int command_confirm(struct session *s, const struct arguments *a)
{
        cleanup_(params_done) struct params p = {0};
        cleanup_(free_p) char *done = NULL;
        cleanup_(buffer_done) struct buffer list = BUFFER_NULL;
        cleanup_(reply_done) struct reply reply = {0};
        struct problem problem = {0};
        const struct cJSON *refused;
        int r;

        r = params_begin(&p, a, &problem);
        if (r != 0)
                return r < 0 ? r : session_complain(EXIT_USAGE, "%s", problem.text);
        for (size_t i = 0; i < a->n_references; i++)
                buffer_printf(&list, "%s\"%s\"", i == 0 ? "[" : ",", a->references[i]);
        if (a->n_references > 0) {
                buffer_add_char(&list, ']');
                params_add_raw(&p, "nc", list.data);
        }
        r = session_reply(s, a->command->method, &p, &reply);
        if (r != 0)
                return r;
        refused = document_get(reply.document, "refused");
        done = output_join(document_get(reply.document, "confirmed"), " ");
        if (a->json)
                session_json(s, reply.text, reply.size);
        else if (done && *done)
                printf("%s confirmed\n", done);
        else if (document_length(refused) == 0)
                printf("Nothing waits for your confirmation.\n");
        for (unsigned i = 0; i < document_length(refused); i++)
                session_complain(0, "%s: %s", document_string(document_at(refused, i), "ref", ""),
                                 document_string(document_at(refused, i), "sentence", ""));
        return document_length(refused) > 0 ? EXIT_REFUSED : 0;
}
