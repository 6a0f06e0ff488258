/* capactl dossier: NCs as one folder or zip that an auditor can take home, and that proves itself.
 * Its form: client/README.md, "A dossier". */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/capactl/arguments.h"
#include "client/capactl/bundle.h"
#include "client/capactl/command.h"
#include "client/capactl/dossier_html.h"
#include "client/capactl/download.h"
#include "client/capactl/params.h"
#include "proto/json/document.h"
#include "verify_sh.h"

/* One being made. All but the session is owned. */
struct dossier {
        struct session *s;
        struct bundle *out;
        struct buffer ncs; /* the parameter nc of each call */
        struct cJSON *head;
        int64_t head_seq;
        struct buffer rows;         /* journal/rows.txt */
        struct buffer opened, rest; /* proof.txt: its rows, and what follows them */
        uint64_t n_files;
        struct problem problem;
};

static const char README[] =
        "A dossier of capad: nonconformities as the register holds them, with what proves them.\n\n"
        "index.html    the report, to read and to print\n"
        "NC-*.json     the same records for machines\n"
        "evidence/     files that people attached\n"
        "events/       events that became evidence, byte for byte as they were received\n"
        "journal/      rows.txt: of every row of the journal its digest and hash, which say "
        "nothing\n"
        "              of what a row is about; SEQ.open and SEQ.body: rows of these records in "
        "full\n"
        "proof.txt     which row proves what\n"
        "verify.sh     checks all of it: needs a POSIX shell and the core utilities\n"
        "SHA256SUMS    of all files here\n\n"
        "To check it:  sh verify.sh [SEQ:HASH]\n"
        "or:           capactl journal verify --file FOLDER [--head SEQ:HASH]\n"
        "SEQ:HASH is a head of the journal that you know from elsewhere, such as a mail.\n";

static int put(struct dossier *d, const char *name, const void *data, size_t size)
{
        int r = bundle_put(d->out, name, data, size, &d->problem);

        return r > 0 ? session_complain(EXIT_USAGE, "%s", d->problem.text) : r;
}

static int put_buffer(struct dossier *d, const char *name, const struct buffer *b)
{
        int r = buffer_status(b);

        return r < 0 ? r : put(d, name, b->data ? b->data : "", b->size);
}

/* One call; after < 0 asks for the first page. */
static int ask(struct dossier *d, int64_t after, struct cJSON **ret)
{
        cleanup_(params_done) struct params p = {0};
        cleanup_(reply_done) struct reply reply = {0};
        int r;

        r = params_begin(&p, d->s->arguments, &d->problem);
        if (r != 0)
                return r < 0 ? r : session_complain(EXIT_USAGE, "%s", d->problem.text);
        params_add_raw(&p, "nc", d->ncs.data);
        if (after >= 0) {
                params_add_int(&p, "after", after);
                params_add_int(&p, "upto", d->head_seq);
        }
        r = session_reply(d->s, "dossier", &p, &reply);
        if (r == 0)
                *ret = TAKE_PTR(reply.document);
        return r;
}

/* A row in full: its line and content as files, and what proof.txt says of it. */
static int take_opened(struct dossier *d, const struct cJSON *row)
{
        const char *open = document_string(row, "open", ""),
                   *body = document_string(row, "body", "");
        const char *salt = document_bool(row, "redacted", false) ? "redacted"
                           : document_bool(row, "withheld", false)
                                   ? "withheld"
                                   : document_string(row, "salt", "");
        int64_t seq = document_int(row, "seq", 0);
        char name[64];
        int r;

        buffer_printf(&d->opened, "row %" PRId64 " %s\n", seq, salt);
        snprintf(name, sizeof(name), "journal/%" PRId64 ".open", seq);
        r = put(d, name, open, strlen(open));
        if (r != 0 || *body == '\0')
                return r;
        snprintf(name, sizeof(name), "journal/%" PRId64 ".body", seq);
        return put(d, name, body, strlen(body));
}

static int take_journal(struct dossier *d)
{
        int64_t after = 0;
        int r = 0;

        while (r == 0 && after < d->head_seq) {
                cleanup_(document_free_p) struct cJSON *page = NULL;
                int64_t next;

                r = ask(d, after, &page);
                if (r != 0)
                        return r;
                buffer_add_str(&d->rows, document_string(page, "links", ""));
                for (const struct cJSON *row = document_at(document_get(page, "opened"), 0);
                     r == 0 && row; row = document_next(row))
                        r = take_opened(d, row);
                next = document_int(page, "next", 0);
                if (r == 0 && next <= after)
                        return session_complain(EXIT_INTERNAL,
                                                "the journal came short, behind row "
                                                "%" PRId64,
                                                after);
                after = next;
        }
        return r == 0 ? put_buffer(d, "journal/rows.txt", &d->rows) : r;
}

/* A file's name within the dossier: what it was called, of harmless characters only. */
static void file_name(const struct cJSON *file, char *ret, size_t size)
{
        const char *ref = document_string(file, "ref", "");
        int n;

        if (strcmp(document_string(file, "kind", ""), "event") == 0) {
                snprintf(ret, size, "events/%s-event-%" PRId64 ".json", ref,
                         document_int(file, "eventno", 0));
                return;
        }
        n = snprintf(ret, size, "evidence/%s-%.80s", ref, document_string(file, "name", ""));
        for (char *p = ret + strlen("evidence/"); n > 0 && *p; p++)
                if (!((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                      (*p >= '0' && *p <= '9') || *p == '-' || (*p == '.' && p[-1] != '.')))
                        *p = '_';
}

/* What proves an event beside the row that names it: salt, digest, and the way to its seal. */
static void add_event_proof(struct buffer *b, const struct cJSON *file)
{
        const struct cJSON *path = document_get(file, "path");
        int64_t seal = document_int(file, "seal", 0);

        buffer_printf(b, " %" PRId64 " %s %s %" PRId64, document_int(file, "eventno", 0),
                      document_string(file, "salt", ""), document_string(file, "digest", ""), seal);
        if (seal > 0)
                buffer_printf(b, " %s", document_string(file, "root", ""));
        for (const struct cJSON *step = document_at(path, 0); seal > 0 && step;
             step = document_next(step)) {
                const char *side = document_text(document_at(step, 0));
                const char *hex = document_text(document_at(step, 1));

                buffer_printf(b, " %s:%s", side ? side : "", hex ? hex : "");
        }
}

static int take_file(struct dossier *d, const struct cJSON *file)
{
        cleanup_(buffer_done) struct buffer bytes = BUFFER_NULL;
        const char *ref = document_string(file, "ref", ""),
                   *hash = document_string(file, "sha256", "");
        int64_t row = document_int(file, "row", 0);
        char name[256];
        int r;

        if (document_string(file, "removed", NULL)) {
                buffer_printf(&d->rest, "gone %s %s %s\n", ref,
                              document_string(file, "removed", ""), hash);
                return 0;
        }
        file_name(file, name, sizeof(name));
        r = download_bytes(d->s, ref, &bytes);
        if (r == 0)
                r = put_buffer(d, name, &bytes);
        if (row == 0)
                buffer_printf(&d->rest, "loose %s %" PRId64 " %s %s\n", ref,
                              document_int(file, "id", 0), hash, name);
        else {
                buffer_printf(&d->rest, "%s %s %" PRId64 " %" PRId64 " %s %s",
                              document_string(file, "digest", NULL) ? "event" : "file", ref,
                              document_int(file, "id", 0), row, hash, name);
                if (document_string(file, "digest", NULL))
                        add_event_proof(&d->rest, file);
                buffer_add_char(&d->rest, '\n');
        }
        d->n_files++;
        return r;
}

static int take_records(struct dossier *d)
{
        cleanup_(buffer_done) struct buffer html = BUFFER_NULL;
        const struct cJSON *head = document_get(d->head, "head"), *nc;
        struct dossier_origin origin = {.made_at = document_string(d->head, "made_at", NULL),
                                        .made_by = document_string(d->head, "made_by", ""),
                                        .head_seq = d->head_seq,
                                        .head_hash = document_string(head, "hash", "")};
        int r = 0;

        dossier_html_begin(&html, &origin);
        for (nc = document_at(document_get(d->head, "ncs"), 0); r == 0 && nc;
             nc = document_next(nc)) {
                cleanup_(document_free_p) struct cJSON *record = NULL;
                const char *show = document_string(nc, "show", "");
                char name[64];

                r = document_parse(show, strlen(show), &record, &d->problem);
                if (r > 0)
                        r = session_complain(EXIT_INTERNAL, "a record is no JSON: %s",
                                             d->problem.text);
                if (r != 0)
                        return r;
                snprintf(name, sizeof(name), "%.50s.json", document_string(nc, "ref", ""));
                dossier_html_record(&html, record, name);
                buffer_printf(&d->rest, "expired %s %" PRId64 "\n", document_string(nc, "ref", ""),
                              document_int(nc, "expired", 0));
                r = put(d, name, show, strlen(show));
        }
        dossier_html_end(&html);
        return r == 0 ? put_buffer(d, "index.html", &html) : r;
}

static int finish(struct dossier *d)
{
        cleanup_(buffer_done) struct buffer proof = BUFFER_NULL;
        int r;

        buffer_printf(&proof, "capad-dossier 1\nhead %" PRId64 " %s\n", d->head_seq,
                      document_string(document_get(d->head, "head"), "hash", ""));
        r = MIN(buffer_status(&d->opened), buffer_status(&d->rest));
        if (r < 0)
                return r;
        buffer_add(&proof, d->opened.data ? d->opened.data : "", d->opened.size);
        buffer_add(&proof, d->rest.data ? d->rest.data : "", d->rest.size);
        r = put_buffer(d, "proof.txt", &proof);
        if (r == 0)
                r = put(d, "verify.sh", VERIFY_SH, sizeof(VERIFY_SH));
        if (r == 0)
                r = put(d, "README.txt", README, sizeof(README) - 1);
        if (r != 0)
                return r;
        r = bundle_finish(d->out, &d->problem);
        return r > 0 ? session_complain(EXIT_USAGE, "%s", d->problem.text) : r;
}

static int make(struct dossier *d, const char *path)
{
        const struct cJSON *file;
        int r;

        r = ask(d, -1, &d->head);
        if (r != 0)
                return r;
        d->head_seq = document_int(document_get(d->head, "head"), "seq", 0);
        r = bundle_create(path, &d->out, &d->problem);
        if (r != 0)
                return r < 0 ? r
                             : session_complain(EXIT_USAGE, "%s; choose another place with -o",
                                                d->problem.text);
        r = take_journal(d);
        for (file = document_at(document_get(d->head, "files"), 0); r == 0 && file;
             file = document_next(file))
                r = take_file(d, file);
        if (r == 0)
                r = take_records(d);
        return r == 0 ? finish(d) : r;
}

static void report(const struct dossier *d, const char *path)
{
        const char *hash = document_string(document_get(d->head, "head"), "hash", "");
        struct buffer b = BUFFER_NULL;

        if (d->s->arguments->json) {
                buffer_add_str(&b, "{\"dossier\":");
                buffer_add_json_cstr(&b, path);
                buffer_printf(&b,
                              ",\"ncs\":%s,\"files\":%" PRIu64 ",\"head\":{\"seq\":%" PRId64
                              ",\"hash\":\"%s\"}}",
                              d->ncs.data, d->n_files, d->head_seq, hash);
                printf("%s\n", b.data ? b.data : "");
                buffer_done(&b);
        } else if (d->s->arguments->quiet)
                printf("%s\n", path);
        else
                printf("%s: %zu records, %" PRIu64 " files of evidence, the journal up to\n"
                       "%" PRId64 ":%s\nCheck it with sh verify.sh in it, or: capactl journal "
                       "verify --file %s\n",
                       path, d->s->arguments->n_references, d->n_files, d->head_seq, hash, path);
}

int command_dossier(struct session *s, const struct arguments *a)
{
        struct dossier d = {.s = s};
        const char *given = arguments_get(a, "output");
        cleanup_(buffer_done) struct buffer path = BUFFER_NULL;
        int r;

        if (given)
                buffer_add_str(&path, given);
        else
                buffer_printf(&path, "dossier-%s%s", a->references[0],
                              a->n_references > 1 ? "-and-others" : "");
        for (size_t i = 0; i < a->n_references; i++) {
                buffer_add_char(&d.ncs, i == 0 ? '[' : ',');
                buffer_add_json_cstr(&d.ncs, a->references[i]);
        }
        buffer_add_char(&d.ncs, ']');
        r = MIN(buffer_status(&path), buffer_status(&d.ncs));
        if (r == 0)
                r = make(&d, path.data);
        if (r == 0)
                report(&d, path.data);
        d.out = bundle_free(d.out);
        document_free(d.head);
        buffer_done(&d.ncs);
        buffer_done(&d.rows);
        buffer_done(&d.opened);
        buffer_done(&d.rest);
        return r;
}
