/* The journal: walked and checked here, never by the daemon; from the daemon's export or a file. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client/capactl/arguments.h"
#include "client/capactl/command.h"
#include "client/capactl/params.h"
#include "client/capactl/session.h"
#include "proto/json/tape.h"
#include "proto/seal/journal.h"

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

/* A check in progress, and the head that must be met on the way. */
struct verification {
        struct journal_check check;
        int64_t head_seq; /* 0: none asked for */
        struct hash head_hash;
        bool head_met;
        uint64_t n_expired;          /* events that retention removed, as its rows say */
        uint64_t n_opened, n_bodies; /* rows with an open line, and with a body, before this line */
        struct problem problem;
};

/* A verified row of retention tells how many events it removed. */
static int count_expired(struct verification *v, const char *line, size_t size)
{
        static const char type[] = "org.capad.evidence.expired.v1";
        cleanup_(json_tape_done) struct json_tape row = JSON_TAPE_NULL, body = JSON_TAPE_NULL;
        cleanup_(buffer_done) struct buffer text = BUFFER_NULL;
        uint32_t node, data;
        int64_t n;
        int r;

        if (!memmem(line, size, type, sizeof(type) - 1))
                return 0;
        r = json_tape_parse(&row, line, size, NULL);
        if (r != 0 || json_member(&row, 0, "body", &node) != 0 ||
            row.nodes[node].kind != JSON_STRING)
                return MIN(r, 0);
        json_string_decode(&row, node, &text);
        r = buffer_status(&text);
        if (r == 0)
                r = json_tape_parse(&body, text.data, text.size, NULL);
        if (r == 0 && json_member(&body, 0, "type", &node) == 0 &&
            json_string_equals(&body, node, type, sizeof(type) - 1) &&
            json_member(&body, 0, "data", &data) == 0 &&
            json_member(&body, data, "n", &node) == 0 && json_int64(&body, node, &n) == 0 && n > 0)
                v->n_expired += (uint64_t) n;
        return MIN(r, 0);
}

/* A row that is opened has its content, unless a row of the journal says that it was redacted, and
 * no such row exists yet: who took the content away left the chain whole, and is told here. */
static bool lost_content(struct verification *v)
{
        const struct journal_check *c = &v->check;
        bool lost = c->n_rows - c->n_bare > v->n_opened && c->n_bodies == v->n_bodies;

        v->n_opened = c->n_rows - c->n_bare;
        v->n_bodies = c->n_bodies;
        if (lost)
                problem_set(&v->problem, 0,
                            "the journal has LOST CONTENT: that of row %" PRId64
                            " is gone, and no row says that it was redacted",
                            c->seq);
        return lost;
}

/* The table may say something else beside the chain than what is chained: the export tells. */
static int look_beside(struct verification *v, const char *line, size_t size)
{
        static const char member[] = "\"differs\"";
        cleanup_(json_tape_done) struct json_tape row = JSON_TAPE_NULL;
        cleanup_(free_p) char *column = NULL;
        uint32_t node;
        int r;

        if (!memmem(line, size, member, sizeof(member) - 1))
                return 0;
        r = json_tape_parse(&row, line, size, NULL);
        if (r != 0 || json_member(&row, 0, "differs", &node) != 0 ||
            json_string_dup(&row, node, &column) != 0)
                return MIN(r, 0);
        problem_set(&v->problem, 0,
                    "the journal was CHANGED beside its chain: column \"%s\" of row %" PRId64
                    " is not what was recorded",
                    column, v->check.seq);
        return EXIT_REFUSED;
}

/* EXIT_REFUSED: not the journal that it should be; v->problem says why. */
static int verify_line(void *userdata, const char *line, size_t size)
{
        struct verification *v = userdata;
        struct problem why = {0};
        int r;

        r = journal_check_line(&v->check, line, size, &why);
        if (r == 0)
                r = count_expired(v, line, size);
        if (r < 0)
                return r;
        if (r > 0) {
                problem_set(&v->problem, 0, "the journal is BROKEN behind seq %" PRId64 ": %s",
                            v->check.seq, why.text);
                return EXIT_REFUSED;
        }
        if (lost_content(v))
                return EXIT_REFUSED;
        r = look_beside(v, line, size);
        if (r != 0)
                return r;
        if (v->head_seq == 0 || v->check.seq != v->head_seq)
                return 0;
        v->head_met = memcmp(&v->check.hash, &v->head_hash, sizeof(v->head_hash)) == 0;
        if (v->head_met)
                return 0;
        problem_set(&v->problem, 0,
                    "the journal was REWRITTEN: at seq %" PRId64
                    " it has another hash than the one given",
                    v->head_seq);
        return EXIT_REFUSED;
}

/* After the last row: was there one, and did the head come? */
static int verify_end(struct verification *v)
{
        if (v->check.n_rows == 0)
                problem_set(&v->problem, 0, "there is not one row to verify");
        else if (v->head_seq > 0 && !v->head_met)
                problem_set(&v->problem, 0,
                            "the journal was CUT: it ends at seq %" PRId64
                            ", before the head given",
                            v->check.seq);
        else
                return 0;
        return EXIT_REFUSED;
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
                        r = verify_line(v, line, (size_t) n);
        }
        if (r == 0 && ferror(f))
                r = session_complain(EXIT_USAGE, "%s can't be read: %s", name, strerror(errno));
        if (f != stdin)
                fclose(f);
        return r;
}

static int parse_head(struct verification *v, const char *text)
{
        char *end;

        v->head_seq = strtoll(text, &end, 10);
        if (end == text || *end != ':' || v->head_seq < 1 ||
            hash_from_hex(end + 1, strlen(end + 1), &v->head_hash) != 0)
                return session_complain(EXIT_USAGE,
                                        "--head takes SEQ:HASH as capactl status gives "
                                        "it, not \"%s\"",
                                        text);
        return 0;
}

static void print_verified(const struct session *s, const struct verification *v)
{
        char hex[2 * HASH_BYTES + 1];
        const struct journal_check *c = &v->check;

        hash_hex(&c->hash, hex);
        if (s->arguments->json)
                printf("{\"verified\":true,\"rows\":%" PRIu64 ",\"seq\":%" PRId64
                       ",\"hash\":\"%s\",\"bodies\":%" PRIu64 ",\"redacted\":%" PRIu64
                       ",\"bare\":%" PRIu64 ",\"expired\":%" PRIu64 "}\n",
                       c->n_rows, c->seq, hex, c->n_bodies, c->n_redacted, c->n_bare, v->n_expired);
        else if (!s->arguments->quiet)
                printf("The journal is whole: %" PRIu64 " rows verified, %" PRIu64
                       " with their content, %" PRIu64 " redacted, %" PRIu64 " bare; %" PRIu64
                       " events expired by retention.\n"
                       "Head: %" PRId64 ":%s%s\n",
                       c->n_rows, c->n_bodies, c->n_redacted, c->n_bare, v->n_expired, c->seq, hex,
                       v->head_met ? "; the head given is in it" : "");
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

int command_journal_verify(struct session *s, const struct arguments *a)
{
        const char *file = arguments_get(a, "file"), *head = arguments_get(a, "head");
        struct verification v = {0};
        int r = 0;

        journal_check_init(&v.check);
        if (head)
                r = parse_head(&v, head);
        if (r == 0)
                r = file ? verify_file(&v, file) : export_lines(s, verify_line, &v);
        if (r == 0)
                r = verify_end(&v);
        if (r == EXIT_REFUSED && v.problem.text[0] != '\0')
                return report_broken(s, &v);
        if (r == 0)
                print_verified(s, &v);
        return r;
}
