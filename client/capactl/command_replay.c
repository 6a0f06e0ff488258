/* `rules replay`: what would be raised, and how that differs from what was. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/capactl/arguments.h"
#include "client/capactl/command.h"
#include "client/capactl/output.h"
#include "client/capactl/params.h"
#include "client/capactl/session.h"
#include "proto/json/document.h"

static void print_kind(struct session *s, const struct cJSON *d, const char *name,
                       const char *heading)
{
        const struct cJSON *list = document_get(d, name);
        char count[32];

        snprintf(count, sizeof(count), "n_%s", name);
        if (document_length(list) == 0)
                return;
        printf("%s (%" PRId64 "):\n", heading, document_int(d, count, 0));
        for (unsigned i = 0; i < document_length(list); i++) {
                const struct cJSON *row = document_at(list, i);
                int64_t fails = document_int(row, "fails", 0);

                printf("  ");
                if (document_string(row, "ref", NULL)) {
                        output_text(s, document_string(row, "ref", ""), "bold");
                        putchar(' ');
                }
                output_text(s, document_string(row, "rule", ""), NULL);
                printf(" · ");
                output_text(s, document_string(row, "title", ""), NULL);
                if (fails > 0)
                        printf(" · %s, %" PRId64 " time%s%s", document_string(row, "grade", ""),
                               fails, fails == 1 ? "" : "s",
                               document_bool(row, "passing", false) ? ", passes now" : "");
                putchar('\n');
        }
}

static int print_replay(struct session *s, const struct cJSON *d)
{
        if (output_mistakes(document_get(d, "errors")) || !document_bool(d, "ok", true))
                return EXIT_REFUSED;
        printf("%" PRId64 " events since %s, %" PRId64 " of them known to no rule, %" PRId64
               " refused.\n",
               document_int(d, "events", 0), document_string(d, "since", ""),
               document_int(d, "ignored", 0), document_int(d, "refused", 0));
        print_kind(s, d, "more", "Would be raised, and was not");
        print_kind(s, d, "gone", "Was raised, and would not be");
        print_kind(s, d, "same", "Would be raised as it was");
        print_kind(s, d, "known", "Fails of what was open before");
        printf("%" PRId64 " more, %" PRId64 " gone, %" PRId64 " the same; %" PRId64
               " fails would join others, %" PRId64 " would pass again.\n",
               document_int(d, "n_more", 0), document_int(d, "n_gone", 0),
               document_int(d, "n_same", 0), document_int(d, "merged", 0),
               document_int(d, "passing", 0));
        if (document_bool(d, "cut", false))
                printf("There was more than a replay holds: replay a shorter time.\n");
        output_text(s, document_string(d, "note", ""), "dim");
        putchar('\n');
        return 0;
}

int command_rules_replay(struct session *s, const struct arguments *a)
{
        cleanup_(params_done) struct params p = {0};
        cleanup_(buffer_done) struct buffer text = BUFFER_NULL;
        cleanup_(free_p) char *answer = NULL;
        cleanup_(document_free_p) struct cJSON *d = NULL;
        const char *path = arguments_get(a, "FILE");
        struct problem problem = {0};
        size_t size = 0;
        int r;

        r = params_begin(&p, a, &problem);
        if (r == 0 && path)
                r = file_read(path, LIMIT_CALL_PARAMS / 2, &text, &problem);
        if (r != 0)
                return r < 0 ? r : session_complain(EXIT_USAGE, "%s", problem.text);
        if (path) {
                params_add_string(&p, "path", path);
                params_add_string(&p, "text", text.data ? text.data : "");
        }
        r = session_call(s, a->command->method, &p, &answer, &size);
        if (r == 0)
                r = document_parse(answer, size, &d, &problem);
        if (r != 0)
                return r;
        if (a->json) {
                session_json(s, answer, size);
                return document_bool(d, "ok", true) ? 0 : EXIT_REFUSED;
        }
        return print_replay(s, d);
}
