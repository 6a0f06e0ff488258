/* Evidence: what there is, and its bytes. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/capactl/arguments.h"
#include "client/capactl/command.h"
#include "client/capactl/download.h"
#include "client/capactl/output.h"
#include "client/capactl/params.h"
#include "client/capactl/when.h"
#include "proto/json/document.h"

static int add_evidence(struct columns *c, const struct cJSON *e)
{
        const char *removed = document_string(e, "removed_why", NULL);
        char when[2 * WHEN_TEXT_MAX], size[24] = "", what[1200];
        const char *cells[] = {document_string(e, "ref", ""),    document_string(e, "about", ""),
                               document_string(e, "kind", ""),   when,
                               document_string(e, "author", ""), size,
                               document_string(e, "sha256", ""), what};

        when_both(document_string(e, "at", NULL), when_now(), when);
        snprintf(what, sizeof(what), "%s%s%s%.1024s", removed ? "(removed: " : "",
                 removed ? removed : "", removed ? ") " : "",
                 document_string(e, "name", document_string(e, "role", "")));
        if (document_get(e, "size"))
                snprintf(size, sizeof(size), "%" PRId64, document_int(e, "size", 0));
        return columns_row(c, cells, NULL);
}

static int list_one(struct session *s, const char *reference)
{
        static const struct column columns[] = {
                {.heading = "EVIDENCE"}, {.heading = "ABOUT"},
                {.heading = "KIND"},     {.heading = "WHEN"},
                {.heading = "WHO"},      {.heading = "SIZE", .right = true},
                {.heading = "SHA-256"},  {.heading = "WHAT", .cut = true}};
        char empty[80];
        struct listing listing = {.columns = columns,
                                  .n_columns = ARRAY_LEN(columns),
                                  .add_row = add_evidence,
                                  .empty = empty};

        snprintf(empty, sizeof(empty), "%.50s has no evidence.", reference);
        return output_listed(s, reference, &listing);
}

int command_evidence_list(struct session *s, const struct arguments *a)
{
        (void) a;
        return session_each(s, list_one);
}

/* One part, asked for and taken; *ret_link: it was no file but a link, which has been printed. */
static int get_part(struct session *s, const char *reference, struct download *d, bool *ret_link)
{
        cleanup_(params_done) struct params p = {0};
        cleanup_(reply_done) struct reply reply = {0};
        struct problem problem = {0};
        int r;

        r = params_begin(&p, s->arguments, &problem);
        if (r < 0)
                return r;
        params_add_string(&p, "id", reference);
        params_add_int(&p, "offset", d->got);
        r = session_reply(s, s->arguments->command->method, &p, &reply);
        if (r != 0)
                return r;
        if (s->arguments->json) {
                session_json(s, reply.text, reply.size);
                *ret_link = true;
        } else if (document_string(reply.document, "url", NULL)) {
                fprintf(d->out, "%s\n", document_string(reply.document, "url", ""));
                *ret_link = true;
        } else if (!document_string(reply.document, "base64", NULL)) { /* an event, as received */
                fwrite(reply.text, 1, reply.size, d->out);
                *ret_link = true;
        } else
                r = download_part(d, reply.document);
        return r;
}

static int get_one(struct session *s, const char *reference)
{
        const char *output = arguments_get(s->arguments, "output");
        struct download d;
        FILE *out = stdout;
        bool link = false;
        int r;

        if (!output && !s->arguments->json && isatty(STDOUT_FILENO))
                return session_complain(EXIT_USAGE, "evidence is bytes, not text for a terminal: "
                                                    "give -o FILE, or a pipe");
        if (output)
                out = fopen(output, "wxe");
        if (!out)
                return session_complain(EXIT_USAGE, "%s can't be written: %s", output,
                                        strerror(errno));
        download_begin(&d, out);
        do
                r = get_part(s, reference, &d, &link);
        while (r == 0 && !link && d.got < d.size);
        if (r == 0 && !link)
                r = download_end(&d, reference);
        if (output && fclose(out) != 0 && r == 0)
                r = session_complain(EXIT_INTERNAL, "%s can't be written: %s", output,
                                     strerror(errno));
        if (output && r != 0)
                unlink(output); /* "x" made it: it is ours */
        else if (output && !s->arguments->quiet)
                printf("%s: %" PRId64 " bytes, SHA-256 %s\n", output, d.got, d.sha256);
        return r;
}

int command_evidence_get(struct session *s, const struct arguments *a)
{
        if (a->n_references > 1)
                return session_complain(EXIT_USAGE, "evidence get takes one ID at a time");
        return get_one(s, a->references[0]);
}
