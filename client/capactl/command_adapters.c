/* Adapters as the daemon holds or judges them. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/capactl/arguments.h"
#include "client/capactl/command.h"
#include "client/capactl/output.h"
#include "client/capactl/params.h"
#include "client/capactl/text.h"
#include "proto/json/document.h"
#include "proto/json/tape.h"

int command_adapters_list(struct session *s, const struct arguments *a)
{
        static const struct column columns[] = {{.heading = "ADAPTER"},
                                                {.heading = "RULES", .right = true},
                                                {.heading = "TESTS", .right = true},
                                                {.heading = "WHAT IT TAKES", .cut = true}};
        cleanup_(document_free_p) struct cJSON *d = NULL;
        cleanup_(columns_done) struct columns c = {0};
        const struct cJSON *list;
        int r;

        (void) a;
        r = session_ask(s, NULL, &d);
        if (r != 0 || !d)
                return r;
        list = document_get(d, "adapters");
        r = columns_begin(&c, s, columns, ARRAY_LEN(columns));
        for (unsigned i = 0; r == 0 && i < document_length(list); i++) {
                const struct cJSON *one = document_at(list, i);
                char rules[24], tests[24];
                const char *cells[] = {document_string(one, "id", ""), rules, tests,
                                       document_string(one, "description", "")};

                snprintf(rules, sizeof(rules), "%" PRId64, document_int(one, "rules", 0));
                snprintf(tests, sizeof(tests), "%" PRId64, document_int(one, "tests", 0));
                r = columns_row(&c, cells, NULL);
        }
        if (r == 0)
                columns_print(&c);
        return r;
}

/* A file, or the id of an adapter that is loaded: a path has a slash or is there. */
static int add_adapter(struct params *p, const char *word, struct problem *reterr)
{
        cleanup_(buffer_done) struct buffer text = BUFFER_NULL;
        int r;

        if (!strchr(word, '/') && strcmp(word, "-") != 0 && access(word, F_OK) != 0) {
                params_add_string(p, "adapter", word);
                return 0;
        }
        r = file_read(word, LIMIT_CALL_PARAMS / 4, &text, reterr);
        if (r != 0)
                return r;
        params_add_string(p, "path", word);
        params_add_string(p, "text", text.data ? text.data : "");
        return 0;
}

static int add_event(struct params *p, const char *path, struct problem *reterr)
{
        cleanup_(buffer_done) struct buffer text = BUFFER_NULL;
        int r;

        r = file_read(path, LIMIT_CALL_PARAMS / 4, &text, reterr);
        if (r == 0)
                params_add_string(p, "event", text.data ? text.data : "");
        return r;
}

/* What a message became, as capad says it. */
static void print_shown(const struct session *s, const char *answer, size_t size)
{
        cleanup_(json_tape_done) struct json_tape tape = JSON_TAPE_NULL;
        cleanup_(free_p) char *copy = NULL, *clean = NULL;
        const char *text;
        uint32_t node;
        size_t n;

        if (json_tape_parse(&tape, answer, size, NULL) != 0 ||
            json_member(&tape, 0, "shown", &node) != 0)
                return;
        json_slice(&tape, node, &text, &n);
        copy = strndup(text, n);
        clean = copy ? text_cleaned(copy, 0) : NULL;
        if (clean && !s->arguments->quiet)
                printf("%s\n", clean);
}

static int print_test(struct session *s, const struct cJSON *d, const char *word)
{
        if (output_mistakes(document_get(d, "failures")) || !document_bool(d, "ok", true))
                return EXIT_REFUSED;
        if (!s->arguments->json && !s->arguments->quiet)
                printf("%s: %" PRId64 " test events, all as they should be.\n", word,
                       document_int(d, "tests", 0));
        return 0;
}

static int test_one(struct session *s, const char *word)
{
        const char *event = arguments_get(s->arguments, "event");
        cleanup_(params_done) struct params p = {0};
        cleanup_(reply_done) struct reply reply = {0};
        struct problem problem = {0};
        int r;

        r = params_begin(&p, s->arguments, &problem);
        if (r == 0)
                r = add_adapter(&p, word, &problem);
        if (r == 0 && event)
                r = add_event(&p, event, &problem);
        if (r != 0)
                return r < 0 ? r : session_complain(EXIT_USAGE, "%s", problem.text);
        r = session_reply(s, s->arguments->command->method, &p, &reply);
        if (r != 0)
                return r;
        if (s->arguments->json)
                session_json(s, reply.text, reply.size);
        else
                print_shown(s, reply.text, reply.size);
        return print_test(s, reply.document, word);
}

int command_adapters_test(struct session *s, const struct arguments *a)
{
        int status = 0;

        if (a->json && a->n_rest > 1)
                session_json_begin(s);
        for (size_t i = 0; i < a->n_rest && status != EXIT_NO_ANSWER; i++) {
                int r = test_one(s, a->rest[i]);

                if (r < 0)
                        return r;
                if (r != 0)
                        status = r;
        }
        if (a->json && a->n_rest > 1)
                session_json_end(s);
        return status;
}
