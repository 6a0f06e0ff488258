/* Rules as the daemon holds or judges them, and event types that none of them knows. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/capactl/arguments.h"
#include "client/capactl/command.h"
#include "client/capactl/output.h"
#include "client/capactl/params.h"
#include "client/capactl/rule_files.h"
#include "client/capactl/text.h"
#include "client/capactl/when.h"
#include "proto/json/document.h"
#include "proto/json/tape.h"

/* A rule that is held, a line. */
static void print_hold(struct session *s, const struct cJSON *hold)
{
        int64_t n = document_int(hold, "suppressed", 0);

        output_text(s, document_string(hold, "rule", ""), "bold");
        printf(" %s held by %s since %s", document_string(hold, "ended_at", NULL) ? "was" : "is",
               document_string(hold, "by", ""), document_string(hold, "since", ""));
        if (document_string(hold, "until", NULL))
                printf(" until %s", document_string(hold, "until", ""));
        printf(", %" PRId64 " fail%s held back: ", n, n == 1 ? "" : "s");
        output_text(s, document_string(hold, "reason", ""), NULL);
        putchar('\n');
}

int command_rules_held(struct session *s, const struct arguments *a)
{
        (void) a;
        return output_blocks(s, "No rule is held.", print_hold);
}

/* Beside the rules of capad those that the register holds back. */
static int add_held(struct session *s)
{
        cleanup_(params_done) struct params p = {0};
        cleanup_(reply_done) struct reply reply = {0};
        struct problem problem = {0};
        int r;

        r = params_begin(&p, s->arguments, &problem);
        if (r == 0)
                r = session_reply(s, "rules.holds", &p, &reply);
        for (unsigned i = 0; r == 0 && i < document_length(reply.document); i++)
                print_hold(s, document_at(reply.document, i));
        return r;
}

int command_rules_list(struct session *s, const struct arguments *a)
{
        static const struct column columns[] = {
                {.heading = "RULE"},     {.heading = "EFFECT"}, {.heading = "GRADE"},
                {.heading = "CONTROLS"}, {.heading = "OWNER"},  {.heading = "TITLE", .cut = true}};
        cleanup_(document_free_p) struct cJSON *d = NULL;
        cleanup_(columns_done) struct columns c = {0};
        const struct cJSON *list;
        int r;

        (void) a;
        r = session_ask(s, NULL, &d);
        if (r != 0 || !d)
                return r;
        list = document_is_array(d) ? d : document_get(d, "rules");
        r = columns_begin(&c, s, columns, ARRAY_LEN(columns));
        for (unsigned i = 0; r == 0 && i < document_length(list); i++) {
                const struct cJSON *rule = document_at(list, i);
                cleanup_(free_p) char *controls = output_join(document_get(rule, "controls"), " ");
                const char *cells[] = {
                        document_string(rule, "id", ""),    document_string(rule, "effect", ""),
                        document_string(rule, "grade", ""), controls,
                        document_string(rule, "owner", ""), document_string(rule, "title", "")};

                r = columns_row(&c, cells, NULL);
        }
        if (r == 0)
                columns_print(&c);
        if (r == 0 && document_string(d, "hash", NULL))
                printf("%u rules, %.12s…\n", document_length(list), document_string(d, "hash", ""));
        return r != 0 ? r : add_held(s);
}

static int add_rule_files(struct params *p, const struct arguments *a, struct problem *reterr)
{
        cleanup_(buffer_done) struct buffer text = BUFFER_NULL;
        int r;

        if (a->n_rest != 1)
                return rule_files_add(p, a, reterr);
        r = file_read(a->rest[0], LIMIT_CALL_PARAMS / 2, &text, reterr);
        if (r != 0)
                return r;
        params_add_string(p, "path", a->rest[0]);
        params_add_string(p, "text", text.data ? text.data : "");
        return 0;
}

/* The files, or none, to the method; the answer's complaints are lines of text. */
static int ask_files(struct session *s, int (*print)(struct session *s, const struct cJSON *d))
{
        cleanup_(params_done) struct params p = {0};
        cleanup_(reply_done) struct reply reply = {0};
        struct problem problem = {0};
        int r;

        r = params_begin(&p, s->arguments, &problem);
        if (r == 0)
                r = add_rule_files(&p, s->arguments, &problem);
        if (r != 0)
                return r < 0 ? r : session_complain(EXIT_USAGE, "%s", problem.text);
        r = session_reply(s, s->arguments->command->method, &p, &reply);
        if (r != 0)
                return r;
        if (s->arguments->json)
                session_json(s, reply.text, reply.size);
        return print(s, reply.document);
}

/* What a file was judged with: it says nothing of the file alone. */
static void print_company(const struct session *s, const struct cJSON *d)
{
        cleanup_(free_p) char *place = text_cleaned(document_string(d, "replaces", ""), 0);

        if (place && *place)
                printf(" In the place of %s, with the other files that capad loads.", place);
        else if (s->arguments->n_rest > 0)
                printf(" Together with the files that capad loads.");
        putchar('\n');
}

static int print_check(struct session *s, const struct cJSON *d)
{
        if (output_mistakes(document_get(d, "errors")) || !document_bool(d, "ok", true))
                return EXIT_REFUSED;
        if (!s->arguments->json && !s->arguments->quiet) {
                printf("%" PRId64 " rules, no mistake found.", document_int(d, "rules", 0));
                print_company(s, d);
        }
        return 0;
}

static int print_test(struct session *s, const struct cJSON *d)
{
        if (output_mistakes(document_get(d, "failures")) || !document_bool(d, "ok", true))
                return EXIT_REFUSED;
        if (!s->arguments->json && !s->arguments->quiet) {
                printf("%" PRId64 " test events, all as they should be.",
                       document_int(d, "tests", 0));
                print_company(s, d);
        }
        return 0;
}

int command_rules_check(struct session *s, const struct arguments *a)
{
        (void) a;
        return ask_files(s, print_check);
}

int command_rules_test(struct session *s, const struct arguments *a)
{
        (void) a;
        return ask_files(s, print_test);
}

static void add_match(const struct cJSON *match, bool first, struct buffer *b)
{
        static const char *const MEMBERS[] = {"rule", "effect", "grade", "fingerprint", "asset"};

        for (unsigned i = 0; i < ARRAY_LEN(MEMBERS); i++) {
                buffer_printf(b, "%s\"%s\":", i > 0 ? "," : first ? "{" : ",{", MEMBERS[i]);
                buffer_add_json_cstr(b, document_string(match, MEMBERS[i], NULL));
        }
        buffer_add_char(b, '}');
}

/* What rules.outcome is asked: of one part, all that its rules say to the register. 0: nothing. */
static unsigned add_matches(const struct cJSON *part, struct buffer *b)
{
        const struct cJSON *rules = document_get(part, "rules");
        unsigned n = 0;

        buffer_add_str(b, "[");
        for (unsigned i = 0; i < document_length(rules); i++) {
                const struct cJSON *matches = document_get(document_at(rules, i), "matches");

                for (unsigned k = 0; k < document_length(matches); k++) {
                        add_match(document_at(matches, k), n++ == 0, b);
                }
        }
        buffer_add_str(b, "]");
        return n;
}

static void print_outcomes(struct session *s, const struct cJSON *part, const struct cJSON *list)
{
        output_text(s, document_string(part, "type", ""), "bold");
        printf(" in the register as it is now:\n");
        for (unsigned i = 0; i < document_length(list); i++) {
                printf("  %s (%s): ", document_string(document_at(list, i), "rule", ""),
                       document_string(document_at(list, i), "effect", ""));
                output_text(s, document_string(document_at(list, i), "sentence", ""), NULL);
                printf(".\n");
        }
}

/* What the register would do with a part, which the rules alone don't know. */
static int explain_outcomes(struct session *s, const struct cJSON *part)
{
        static const char *const OF_EVENT[] = {"source", "subject"};
        cleanup_(params_done) struct params p = {0};
        cleanup_(buffer_done) struct buffer matches = BUFFER_NULL;
        cleanup_(reply_done) struct reply reply = {0};
        int r;

        if (add_matches(part, &matches) == 0)
                return 0;
        buffer_add_char(&p.json, '{');
        if (s->arguments->actor)
                params_add_string(&p, "actor", s->arguments->actor);
        params_add_raw(&p, "matches", matches.data);
        for (unsigned i = 0; i < ARRAY_LEN(OF_EVENT); i++)
                if (document_string(part, OF_EVENT[i], NULL))
                        params_add_string(&p, OF_EVENT[i],
                                          document_string(part, OF_EVENT[i], NULL));
        r = session_reply(s, "rules.outcome", &p, &reply);
        if (r == 0)
                print_outcomes(s, part, reply.document);
        return r;
}

/* The number of a stored event, where the word is one and no file: "123", "EVENT-123". Or NULL. */
static const char *event_number(const char *word)
{
        const char *number = strncmp(word, "EVENT-", 6) == 0 ? word + 6 : word;

        return *number && number[strspn(number, "0123456789")] == '\0' && access(word, F_OK) != 0
                       ? number
                       : NULL;
}

/* A stored event, its bytes and its adapter, as parameters. What came as part of a message is not
 * judged without it. 0 or an exit status. */
static int add_stored(struct session *s, const char *number, struct params *p)
{
        cleanup_(params_done) struct params asked = {0};
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        cleanup_(reply_done) struct reply reply = {0};
        cleanup_(free_p) char *event = NULL;
        const struct cJSON *d;
        const char *text;
        uint32_t node;
        size_t size;
        int r;

        buffer_add_char(&asked.json, '{');
        if (s->arguments->actor)
                params_add_string(&asked, "actor", s->arguments->actor);
        params_add_string(&asked, "eventno", number);
        r = session_reply(s, "event", &asked, &reply);
        if (r != 0)
                return r;
        d = reply.document;
        if (document_get(d, "part_of"))
                return session_complain(EXIT_REFUSED,
                                        "event %s is a part of a message: give the whole message "
                                        "as a file, with --adapter %s",
                                        number, document_string(d, "adapter", "A"));
        if (json_tape_parse(&t, reply.text, reply.size, NULL) != 0 ||
            json_member(&t, 0, "event", &node) != 0)
                return session_complain(EXIT_REFUSED, "event %s has no bytes", number);
        json_slice(&t, node, &text, &size);
        event = strndup(text, size);
        params_add_string(p, "event", event ? event : "");
        if (*document_string(d, "adapter", "") && !arguments_get(s->arguments, "adapter"))
                params_add_string(p, "adapter", document_string(d, "adapter", ""));
        return 0;
}

int command_rules_explain(struct session *s, const struct arguments *a)
{
        cleanup_(params_done) struct params p = {0};
        cleanup_(buffer_done) struct buffer text = BUFFER_NULL;
        cleanup_(reply_done) struct reply reply = {0};
        struct problem problem = {0};
        const struct cJSON *d, *lines;
        const char *number = event_number(arguments_get(a, "EVENT"));
        int r;

        r = params_begin(&p, a, &problem);
        if (r == 0 && !number)
                r = file_read(arguments_get(a, "EVENT"), LIMIT_CALL_PARAMS / 2, &text, &problem);
        if (r != 0)
                return r < 0 ? r : session_complain(EXIT_USAGE, "%s", problem.text);
        if (number)
                r = add_stored(s, number, &p);
        else
                params_add_string(&p, "event", text.data ? text.data : "");
        if (r == 0)
                r = session_reply(s, a->command->method, &p, &reply);
        if (r != 0)
                return r;
        if (a->json) {
                session_json(s, reply.text, reply.size);
                return 0;
        }
        d = reply.document;
        lines = document_is_array(d) ? d : document_get(d, "lines");
        for (unsigned i = 0; i < document_length(lines); i++) {
                output_text(s, document_text(document_at(lines, i)), NULL);
                putchar('\n');
        }
        for (unsigned i = 0; r == 0 && i < document_length(document_get(d, "parts")); i++)
                r = explain_outcomes(s, document_at(document_get(d, "parts"), i));
        return r;
}

static int add_unknown(struct columns *c, const struct cJSON *row)
{
        char events[24], first[2 * WHEN_TEXT_MAX], last[2 * WHEN_TEXT_MAX];
        const char *cells[] = {document_string(row, "source", ""), document_string(row, "type", ""),
                               events, first, last};

        snprintf(events, sizeof(events), "%" PRId64, document_int(row, "events", 0));
        when_both(document_string(row, "first_seen", NULL), when_now(), first);
        when_both(document_string(row, "last_seen", NULL), when_now(), last);
        return columns_row(c, cells, NULL);
}

static int add_field(struct columns *c, const struct cJSON *row)
{
        char last[2 * WHEN_TEXT_MAX];
        const char *cells[] = {document_string(row, "source", ""), document_string(row, "type", ""),
                               document_string(row, "path", ""), last};

        when_both(document_string(row, "last_seen", NULL), when_now(), last);
        return columns_row(c, cells, NULL);
}

/* As of a moment: what it rests on, and the list. */
static int print_past_coverage(struct session *s, const struct listing *listing,
                               const struct cJSON *past)
{
        char moment[2 * WHEN_TEXT_MAX];

        when_both(document_string(past, "as_of", NULL), when_now(), moment);
        printf("As of %s, ", moment);
        output_sentence(s, document_string(past, "note", ""));
        fputs("\n\n", stdout);
        return output_listing(s, listing, document_get(past, "coverage"));
}

static int add_refused(struct columns *c, const struct cJSON *row)
{
        char events[24], last[2 * WHEN_TEXT_MAX];
        const char *adapter = document_string(row, "adapter", "");
        const char *cells[] = {*adapter ? adapter : "CloudEvents",
                               document_string(row, "source", ""),
                               document_string(row, "status", ""),
                               events,
                               last,
                               document_string(row, "reason", "")};

        snprintf(events, sizeof(events), "%" PRId64, document_int(row, "events", 0));
        when_both(document_string(row, "last_seen", NULL), when_now(), last);
        return columns_row(c, cells, NULL);
}

int command_coverage(struct session *s, const struct arguments *a)
{
        static const struct column columns[] = {{.heading = "SOURCE", .cut = true},
                                                {.heading = "TYPE"},
                                                {.heading = "EVENTS", .right = true},
                                                {.heading = "FIRST SEEN"},
                                                {.heading = "LAST SEEN"}};
        static const struct column places[] = {{.heading = "SOURCE", .cut = true},
                                               {.heading = "TYPE"},
                                               {.heading = "PATH"},
                                               {.heading = "LAST SEEN"}};
        static const struct column refused[] = {
                {.heading = "ADAPTER"},   {.heading = "SOURCE", .cut = true},
                {.heading = "VERDICT"},   {.heading = "EVENTS", .right = true},
                {.heading = "LAST SEEN"}, {.heading = "NEWEST REASON", .cut = true}};
        const char *what = arguments_get(a, "what");
        cleanup_(document_free_p) struct cJSON *answer = NULL;
        int r;
        struct listing listing = {.columns = columns,
                                  .n_columns = ARRAY_LEN(columns),
                                  .add_row = add_unknown,
                                  .empty =
                                          "Every event that was taken was known to a rule; capactl "
                                          "coverage --what refused shows what was not taken."};

        if (what && strcmp(what, "refused") == 0)
                listing = (struct listing){
                        .columns = refused,
                        .n_columns = ARRAY_LEN(refused),
                        .add_row = add_refused,
                        .empty = "Nothing was refused, as far as the quarantine goes back."};
        else if (what && strcmp(what, "types") != 0)
                listing = (struct listing){
                        .columns = places,
                        .n_columns = ARRAY_LEN(places),
                        .add_row = add_field,
                        .empty = strcmp(what, "drift") == 0
                                         ? "Events have what rules look for, as far as a sample "
                                           "shows."
                                         : "Rules look at every field that events have."};
        r = session_ask(s, NULL, &answer);
        if (r != 0 || !answer)
                return r;
        return document_is_array(answer) ? output_listing(s, &listing, answer)
                                         : print_past_coverage(s, &listing, answer);
}
