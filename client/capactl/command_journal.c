/* The journal: walked and checked here, never by the daemon; from the daemon's export or a file. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/capactl/arguments.h"
#include "client/capactl/bundle.h"
#include "client/capactl/command.h"
#include "client/capactl/dossier_check.h"
#include "client/capactl/params.h"
#include "client/capactl/verification.h"
#include "proto/json/tape.h"

#define EXPORT_PAGE 1000

typedef int line_function(void *userdata, const char *line, size_t size);

/* One page: each of its lines to fn. *after becomes the next place, *ret_more whether to go on. */
static int take_page(const char *page, size_t size, line_function *fn, void *userdata,
                     int64_t *after, bool *ret_more)
{
        cleanup_(json_tape_done) struct json_tape tape = JSON_TAPE_NULL;
        cleanup_(buffer_done) struct buffer line = BUFFER_NULL;
        struct problem problem = {0};
        uint32_t lines, next, head, child;
        int64_t next_seq, head_seq;
        int r;

        r = json_tape_parse(&tape, page, size, &problem);
        if (r < 0)
                return r;
        if (r > 0 || json_member(&tape, 0, "lines", &lines) != 0 ||
            tape.nodes[lines].kind != JSON_ARRAY || json_member(&tape, 0, "next", &next) != 0 ||
            json_member(&tape, 0, "head", &head) != 0 || json_int64(&tape, next, &next_seq) != 0 ||
            json_int64(&tape, head, &head_seq) != 0)
                return session_complain(EXIT_INTERNAL, "the answer is no export: %s", problem.text);
        child = json_first(&tape, lines);
        for (uint32_t i = 0; i < tape.nodes[lines].count; i++, child = tape.nodes[child].next) {
                buffer_clear(&line);
                if (tape.nodes[child].kind != JSON_STRING)
                        return session_complain(EXIT_INTERNAL, "the export has a line that is no "
                                                               "text");
                json_string_decode(&tape, child, &line);
                r = buffer_status(&line);
                if (r == 0)
                        r = fn(userdata, line.data, line.size);
                if (r != 0)
                        return r;
        }
        *ret_more = tape.nodes[lines].count > 0 && next_seq > *after && next_seq < head_seq;
        *after = next_seq;
        return 0;
}

static int export_lines(struct session *s, line_function *fn, void *userdata)
{
        cleanup_(params_done) struct params p = {0};
        struct problem problem = {0};
        int64_t after = 0;
        size_t mark;
        bool more = true;
        int r;

        r = params_begin(&p, s->arguments, &problem);
        mark = params_mark(&p);
        while (r == 0 && more) {
                cleanup_(free_p) char *answer = NULL;
                size_t size = 0;

                params_add_int(&p, "after", after);
                params_add_int(&p, "limit", EXPORT_PAGE);
                r = session_call(s, "journal.export", &p, &answer, &size);
                params_reset(&p, mark);
                if (r == 0)
                        r = take_page(answer, size, fn, userdata, &after, &more);
        }
        return r;
}

static int print_line(void *userdata, const char *line, size_t size)
{
        (void) userdata;
        if (fwrite(line, 1, size, stdout) != size || putchar('\n') == EOF)
                return session_complain(EXIT_INTERNAL, "the output can't be written: %s",
                                        strerror(errno));
        return 0;
}

int command_journal_export(struct session *s, const struct arguments *a)
{
        (void) a;
        return export_lines(s, print_line, NULL);
}

static int verify_file(struct verification *v, const char *name)
{
        FILE *f = strcmp(name, "-") == 0 ? stdin : fopen(name, "re");
        cleanup_(free_p) char *line = NULL;
        size_t allocated = 0;
        ssize_t n;
        int r = 0;

        if (!f)
                return session_complain(EXIT_USAGE, "%s can't be read: %s", name, strerror(errno));
        while (r == 0 && (n = getline(&line, &allocated, f)) >= 0) {
                if (n > 0 && line[n - 1] == '\n')
                        n--;
                if (n > 0)
                        r = verification_line(v, line, (size_t) n);
        }
        if (r == 0 && ferror(f))
                r = session_complain(EXIT_USAGE, "%s can't be read: %s", name, strerror(errno));
        if (f != stdin)
                fclose(f);
        return r == 0 ? verification_end(v) : r;
}

static int take_heads(struct verification *v, const struct arguments *a)
{
        const char *head = arguments_get(a, "head"), *mbox = arguments_get(a, "mbox");
        int r = 0;

        if (head)
                r = verification_head(v, head);
        if (r == EXIT_USAGE)
                return session_complain(EXIT_USAGE,
                                        "--head takes SEQ:HASH as capactl status gives "
                                        "it, not \"%s\"",
                                        head);
        return r == 0 && mbox ? verification_mbox(v, mbox) : r;
}

/* The rows that say what was redacted: "41, 78". */
static void add_naming(struct buffer *b, const struct verification *v, const char *between)
{
        for (size_t i = 0; i < v->naming.n; i++)
                buffer_printf(b, "%s%" PRId64, i > 0 ? between : "", v->naming.seq[i]);
        buffer_add_char(b, '\0');
}

static void print_json(const struct verification *v, const char *hex, const char *naming,
                       const struct dossier_count *d)
{
        const struct journal_check *c = &v->check;

        printf("{\"verified\":true,\"rows\":%" PRIu64 ",\"seq\":%" PRId64
               ",\"hash\":\"%s\",\"bodies\":%" PRIu64 ",\"redacted\":%" PRIu64
               ",\"redacted_by\":[%s],\"withheld\":%" PRIu64 ",\"bare\":%" PRIu64
               ",\"expired\":%" PRIu64,
               c->n_rows, c->seq, hex, c->n_bodies, c->n_redacted, naming, v->n_withheld, c->n_bare,
               d ? d->expired : v->n_expired);
        if (d)
                printf(",\"files\":%" PRIu64 ",\"events\":%" PRIu64 ",\"sealed\":%" PRIu64
                       ",\"loose\":%" PRIu64 ",\"gone\":%" PRIu64,
                       d->files, d->events, d->sealed, d->loose, d->gone);
        printf("}\n");
}

/* d: of a dossier, else NULL. heads: how many were given to be met. */
static int print_verified(const struct session *s, const struct verification *v,
                          const struct dossier_count *d, size_t heads)
{
        cleanup_(buffer_done) struct buffer naming = BUFFER_NULL;
        const struct journal_check *c = &v->check;
        char hex[2 * HASH_BYTES + 1];

        hash_hex(&c->hash, hex);
        add_naming(&naming, v, ", ");
        if (buffer_status(&naming) < 0)
                return -ENOMEM;
        if (s->arguments->json) {
                print_json(v, hex, naming.data, d);
                return 0;
        }
        if (s->arguments->quiet)
                return 0;
        printf("The journal is whole: %" PRIu64 " rows verified, %" PRIu64
               " with their content, %" PRIu64 " redacted%s%s, %" PRIu64 " withheld, %" PRIu64
               " bare; %" PRIu64 " events expired by retention.\n",
               c->n_rows, c->n_bodies, c->n_redacted, v->naming.n > 0 ? " by rows " : "",
               naming.data, v->n_withheld, c->n_bare, d ? d->expired : v->n_expired);
        if (d)
                printf("The dossier is as capad wrote it: %" PRIu64 " files and %" PRIu64
                       " events are those that the journal names, %" PRIu64
                       " of the events under their seals; %" PRIu64
                       " pieces of evidence were removed, %" PRIu64
                       " files are named by a row that is withheld because it tells of others "
                       "too.\n",
                       d->files, d->events, d->sealed, d->gone, d->loose);
        printf("Head: %" PRId64 ":%s%s\n", c->seq, hex,
               heads == 0  ? ""
               : heads > 1 ? "; the heads given are in it"
                           : "; the head given is in it");
        return 0;
}

static int report_broken(const struct session *s, const struct verification *v)
{
        struct buffer b = BUFFER_NULL;

        if (s->arguments->json) {
                buffer_printf(&b,
                              "{\"verified\":false,\"rows\":%" PRIu64 ",\"seq\":%" PRId64
                              ",\"reason\":",
                              v->check.n_rows, v->check.seq);
                buffer_add_json_cstr(&b, v->problem.text);
                printf("%s}\n", b.data ? b.data : "");
                buffer_done(&b);
        }
        return session_complain(EXIT_REFUSED, "%s", v->problem.text);
}

static int verify(struct session *s, struct verification *v, const char *file)
{
        struct dossier_count count;
        size_t heads;
        bool dossier = file && bundle_there(file);
        int r;

        r = take_heads(v, s->arguments);
        if (r != 0)
                return r;
        heads = v->n_heads;
        if (dossier)
                r = dossier_check(file, v, &count);
        else if (file)
                r = verify_file(v, file);
        else {
                r = export_lines(s, verification_line, v);
                if (r == 0)
                        r = verification_end(v);
        }
        if (r == EXIT_REFUSED && v->problem.text[0] != '\0')
                return report_broken(s, v);
        return r == 0 ? print_verified(s, v, dossier ? &count : NULL, heads) : r;
}

int command_journal_verify(struct session *s, const struct arguments *a)
{
        struct verification v;
        int r;

        verification_init(&v);
        r = verify(s, &v, arguments_get(a, "file"));
        verification_done(&v);
        return r;
}
