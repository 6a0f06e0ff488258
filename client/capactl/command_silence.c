/* Silences and maintenance windows: made, shown; ended by command_record. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/capactl/arguments.h"
#include "client/capactl/command.h"
#include "client/capactl/output.h"
#include "client/capactl/params.h"
#include "client/capactl/session.h"
#include "client/capactl/when.h"
#include "proto/json/document.h"

#define SCOPE_BYTES 600

static void print_preview(struct session *s, const struct cJSON *d)
{
        const struct cJSON *list = document_get(document_get(d, "preview"), "ncs");

        output_text(s, document_string(d, "sentence", ""), NULL);
        putchar('\n');
        for (unsigned i = 0; i < document_length(list); i++) {
                const struct cJSON *nc = document_at(list, i);

                printf("  ");
                output_text(s, document_string(nc, "ref", ""), "bold");
                printf(" %s, %s · ", document_string(nc, "grade", ""),
                       document_string(nc, "state", ""));
                output_text(s, document_string(nc, "title", ""), NULL);
                putchar('\n');
        }
}

int command_silence_add(struct session *s, const struct arguments *a)
{
        cleanup_(document_free_p) struct cJSON *d = NULL;
        int r;

        r = session_ask(s, NULL, &d);
        if (r != 0 || !d)
                return r;
        if (arguments_has(a, "preview")) {
                print_preview(s, d);
                return 0;
        }
        output_result(s, d, true);
        if (!a->quiet) {
                printf("It covers %" PRId64 " that are open. ",
                       document_int(document_get(d, "preview"), "open", 0));
                output_text(s, document_string(d, "sentence", ""), NULL);
                putchar('\n');
        }
        return 0;
}

/* What a silence is about, in words: "rule R, asset A". */
static void scope_of(const struct cJSON *row, char ret[SCOPE_BYTES])
{
        static const char *const MEMBERS[] = {"rule", "asset", "source", "label", "grade", NULL};
        size_t n = 0;

        ret[0] = '\0';
        for (size_t i = 0; MEMBERS[i]; i++) {
                const char *value = document_string(row, MEMBERS[i], NULL);
                int written;

                if (!value || n >= SCOPE_BYTES - 1)
                        continue;
                written = snprintf(ret + n, SCOPE_BYTES - n, "%s%s %s", n > 0 ? ", " : "",
                                   MEMBERS[i], value);
                n += written > 0 ? (size_t) written : 0;
        }
}

static void print_silence(struct session *s, const struct cJSON *silence)
{
        char scope[SCOPE_BYTES], until[2 * WHEN_TEXT_MAX];
        int64_t n = document_int(silence, "suppressed", 0);

        scope_of(silence, scope);
        when_both(document_string(silence, "until", NULL), when_now(), until);
        output_text(s, document_string(silence, "ref", ""), "bold");
        printf("  %s  ", document_string(silence, "state", ""));
        output_text(s, scope, NULL);
        putchar('\n');
        output_field(s, "until", until);
        output_field(s, "every", document_string(silence, "every", NULL));
        output_field(s, "by", document_string(silence, "by", NULL));
        output_field(s, "reason", document_string(silence, "reason", NULL));
        if (document_bool(silence, "publish_only", false))
                output_field(s, "", "holds back escalations, not raising");
        else
                printf("    %" PRId64 " fail%s held back\n", n, n == 1 ? "" : "s");
}

int command_silence_list(struct session *s, const struct arguments *a)
{
        (void) a;
        return output_blocks(s, "No silence applies, and none is planned.", print_silence);
}
