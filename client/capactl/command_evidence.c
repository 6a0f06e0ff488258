/* Evidence: what there is, and its bytes. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "client/capactl/arguments.h"
#include "client/capactl/command.h"
#include "client/capactl/output.h"
#include "client/capactl/params.h"
#include "client/capactl/when.h"
#include "proto/json/document.h"
#include "proto/seal/hash.h"

static int list_one(struct session *s, const char *reference)
{
        static const struct column columns[] = {
                {.heading = "EVIDENCE"}, {.heading = "ABOUT"},
                {.heading = "KIND"},     {.heading = "WHEN"},
                {.heading = "WHO"},      {.heading = "SIZE", .right = true},
                {.heading = "SHA-256"},  {.heading = "WHAT", .cut = true}};
        cleanup_(document_free_p) struct cJSON *list = NULL;
        cleanup_(columns_done) struct columns c = {0};
        int r;

        r = session_ask(s, reference, &list);
        if (r != 0 || !list)
                return r;
        if (document_length(list) == 0)
                printf("%s has no evidence.\n", reference);
        r = columns_begin(&c, s, columns, ARRAY_LEN(columns));
        for (unsigned i = 0; r == 0 && i < document_length(list); i++) {
                const struct cJSON *e = document_at(list, i);
                char when[2 * WHEN_TEXT_MAX], size[24] = "";
                const char *cells[] = {document_string(e, "ref", ""),
                                       document_string(e, "about", ""),
                                       document_string(e, "kind", ""),
                                       when,
                                       document_string(e, "author", ""),
                                       size,
                                       document_string(e, "sha256", ""),
                                       document_string(e, "name", document_string(e, "role", ""))};

                when_both(document_string(e, "at", NULL), when_now(), when);
                if (document_get(e, "size"))
                        snprintf(size, sizeof(size), "%" PRId64, document_int(e, "size", 0));
                r = columns_row(&c, cells, NULL);
        }
        if (r == 0)
                columns_print(&c);
        return r;
}

int command_evidence_list(struct session *s, const struct arguments *a)
{
        (void) a;
        return session_each(s, list_one);
}

/* Where the bytes go, and what has come so far. */
struct download {
        FILE *out;
        struct hasher hasher;
        int64_t size, got;
        char sha256[2 * HASH_BYTES + 1];
};

static int take_part(struct download *d, const struct cJSON *part)
{
        const char *text = document_string(part, "base64", "");
        cleanup_(free_p) unsigned char *bytes = NULL;
        size_t n = 0, max = strlen(text) / 4 * 3 + 3;

        bytes = malloc(max);
        if (!bytes)
                return -ENOMEM;
        if (sodium_base642bin(bytes, max, text, strlen(text), "\r\n ", &n, NULL,
                              sodium_base64_VARIANT_ORIGINAL) != 0 ||
            document_int(part, "offset", d->got) != d->got)
                return session_complain(EXIT_INTERNAL, "the evidence came garbled");
        d->size = document_int(part, "size", (int64_t) n);
        snprintf(d->sha256, sizeof(d->sha256), "%.64s", document_string(part, "sha256", ""));
        if (n == 0 && d->got < d->size)
                return session_complain(EXIT_INTERNAL, "the evidence came short");
        hash_update(&d->hasher, bytes, n);
        if (fwrite(bytes, 1, n, d->out) != n)
                return session_complain(EXIT_INTERNAL, "the output can't be written: %s",
                                        strerror(errno));
        d->got += (int64_t) n;
        return 0;
}

/* One part, asked for and taken; *ret_link: it was no file but a link, which has been printed. */
static int get_part(struct session *s, const char *reference, struct download *d, bool *ret_link)
{
        cleanup_(params_done) struct params p = {0};
        cleanup_(free_p) char *answer = NULL;
        cleanup_(document_free_p) struct cJSON *part = NULL;
        struct problem problem = {0};
        size_t size = 0;
        int r;

        r = params_begin(&p, s->arguments, &problem);
        if (r < 0)
                return r;
        params_add_string(&p, "id", reference);
        params_add_int(&p, "offset", d->got);
        r = session_call(s, s->arguments->command->method, &p, &answer, &size);
        if (r == 0)
                r = document_parse(answer, size, &part, &problem);
        if (r != 0)
                return r;
        if (s->arguments->json) {
                session_json(s, answer, size);
                *ret_link = true;
        } else if (document_string(part, "url", NULL)) {
                fprintf(d->out, "%s\n", document_string(part, "url", ""));
                *ret_link = true;
        } else if (!document_string(part, "base64", NULL)) { /* an event: the bytes as received */
                fwrite(answer, 1, size, d->out);
                *ret_link = true;
        } else
                r = take_part(d, part);
        return r;
}

static int get_one(struct session *s, const char *reference)
{
        const char *output = arguments_get(s->arguments, "output");
        struct download d = {.out = stdout};
        struct hash hash;
        char hex[2 * HASH_BYTES + 1];
        bool link = false;
        int r;

        if (!output && !s->arguments->json && isatty(STDOUT_FILENO))
                return session_complain(EXIT_USAGE, "evidence is bytes, not text for a terminal: "
                                                    "give -o FILE, or a pipe");
        if (output)
                d.out = fopen(output, "wxe");
        if (!d.out)
                return session_complain(EXIT_USAGE, "%s can't be written: %s", output,
                                        strerror(errno));
        hash_init(&d.hasher);
        do
                r = get_part(s, reference, &d, &link);
        while (r == 0 && !link && d.got < d.size);
        hash_final(&d.hasher, &hash);
        hash_hex(&hash, hex);
        if (r == 0 && !link && *d.sha256 && strcmp(hex, d.sha256) != 0)
                r = session_complain(EXIT_REFUSED,
                                     "%s does not have the SHA-256 that the register "
                                     "holds (%s, got %s)",
                                     reference, d.sha256, hex);
        if (output && fclose(d.out) != 0 && r == 0)
                r = session_complain(EXIT_INTERNAL, "%s can't be written: %s", output,
                                     strerror(errno));
        if (output && r != 0)
                unlink(output); /* "x" made it: it is ours */
        else if (output && !s->arguments->quiet)
                printf("%s: %" PRId64 " bytes, SHA-256 %s\n", output, d.got, hex);
        return r;
}

int command_evidence_get(struct session *s, const struct arguments *a)
{
        if (a->n_references > 1)
                return session_complain(EXIT_USAGE, "evidence get takes one ID at a time");
        return get_one(s, a->references[0]);
}
