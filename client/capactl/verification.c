/* The check of a whole journal. Lists grow with what is unusual (redactions, heads), not with rows.
 */
#include "client/capactl/verification.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/json/tape.h"

void verification_init(struct verification *v)
{
        *v = (struct verification){0};
        journal_check_init(&v->check);
}

void verification_done(struct verification *v)
{
        free(v->heads);
        free(v->lost.seq);
        free(v->named.seq);
        free(v->naming.seq);
        *v = (struct verification){0};
}

static int sequences_add(struct sequences *s, int64_t seq)
{
        int64_t *more;

        if (s->n == s->n_allocated) {
                more = reallocarray(s->seq, s->n_allocated * 2 + 16, sizeof(*more));
                if (!more)
                        return -ENOMEM;
                s->seq = more;
                s->n_allocated = s->n_allocated * 2 + 16;
        }
        s->seq[s->n++] = seq;
        return 0;
}

int verification_head(struct verification *v, const char *text)
{
        struct known_head head = {0}, *more;
        char *end;

        head.seq = strtoll(text, &end, 10);
        if (end == text || *end != ':' || head.seq < 1 ||
            hash_from_hex(end + 1, strspn(end + 1, "0123456789abcdef"), &head.hash) != 0)
                return EXIT_USAGE;
        more = reallocarray(v->heads, v->n_heads + 1, sizeof(*more));
        if (!more)
                return -ENOMEM;
        v->heads = more;
        v->heads[v->n_heads++] = head;
        return 0;
}

/* One line of a mail; a line that the mail's encoding broke ("=" at its end) is put together. */
static int mail_line(struct verification *v, struct buffer *whole, const char *line, size_t size)
{
        static const char mark[] = "capad journal head ";
        const char *found;
        int r = 0;

        while (size > 0 && (line[size - 1] == '\n' || line[size - 1] == '\r'))
                size--;
        if (size > 0 && line[size - 1] == '=') {
                buffer_add(whole, line, size - 1);
                return buffer_status(whole);
        }
        buffer_add(whole, line, size);
        buffer_add_char(whole, '\0');
        if (buffer_status(whole) < 0)
                return -ENOMEM;
        found = strstr(whole->data, mark);
        if (found)
                r = verification_head(v, found + sizeof(mark) - 1);
        buffer_clear(whole);
        return r < 0 ? r : 0;
}

int verification_mbox(struct verification *v, const char *path)
{
        FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
        cleanup_(buffer_done) struct buffer whole = BUFFER_NULL;
        cleanup_(free_p) char *line = NULL;
        size_t allocated = 0, before = v->n_heads;
        ssize_t n;
        int r = 0;

        if (!f)
                return session_complain(EXIT_USAGE, "%s can't be read: %s", path, strerror(errno));
        while (r == 0 && (n = getline(&line, &allocated, f)) >= 0)
                r = mail_line(v, &whole, line, (size_t) n);
        if (r == 0 && ferror(f))
                r = session_complain(EXIT_USAGE, "%s can't be read: %s", path, strerror(errno));
        if (f != stdin)
                fclose(f);
        if (r == 0 && v->n_heads == before)
                r = session_complain(EXIT_USAGE, "%s holds no line \"capad journal head SEQ:HASH\"",
                                     path);
        return r;
}

/* "data" of the body of a row of this type, in *body; *ret_data is 0 if the row is of another. */
static int body_data(const char *line, size_t size, const char *type, struct buffer *text,
                     struct json_tape *body, uint32_t *ret_data)
{
        cleanup_(json_tape_done) struct json_tape row = JSON_TAPE_NULL;
        uint32_t node;
        int r;

        *ret_data = 0;
        if (!memmem(line, size, type, strlen(type)))
                return 0;
        r = json_tape_parse(&row, line, size, NULL);
        if (r != 0 || json_member(&row, 0, "body", &node) != 0 ||
            row.nodes[node].kind != JSON_STRING)
                return MIN(r, 0);
        json_string_decode(&row, node, text);
        r = buffer_status(text);
        if (r == 0)
                r = json_tape_parse(body, text->data, text->size, NULL);
        if (r != 0 || json_member(body, 0, "type", &node) != 0 ||
            !json_string_equals(body, node, type, strlen(type)))
                return MIN(r, 0);
        if (json_member(body, 0, "data", &node) == 0)
                *ret_data = node;
        return 0;
}

/* A verified row of retention tells how many events it removed. */
static int count_expired(struct verification *v, const char *line, size_t size)
{
        cleanup_(json_tape_done) struct json_tape body = JSON_TAPE_NULL;
        cleanup_(buffer_done) struct buffer text = BUFFER_NULL;
        uint32_t data, node;
        int64_t n;
        int r;

        r = body_data(line, size, "org.capad.evidence.expired.v1", &text, &body, &data);
        if (r == 0 && data > 0 && json_member(&body, data, "n", &node) == 0 &&
            json_int64(&body, node, &n) == 0 && n > 0)
                v->n_expired += (uint64_t) n;
        return r;
}

/* A verified row of a redaction names the rows whose content went. */
static int take_redaction(struct verification *v, const char *line, size_t size)
{
        cleanup_(json_tape_done) struct json_tape body = JSON_TAPE_NULL;
        cleanup_(buffer_done) struct buffer text = BUFFER_NULL;
        uint32_t data, rows, child;
        int64_t seq;
        int r;

        r = body_data(line, size, "org.capad.evidence.redacted.v1", &text, &body, &data);
        if (r != 0 || data == 0 || json_member(&body, data, "rows", &rows) != 0 ||
            body.nodes[rows].kind != JSON_ARRAY || body.nodes[rows].count == 0)
                return r;
        r = sequences_add(&v->naming, v->check.seq);
        child = json_first(&body, rows);
        for (uint32_t i = 0; r == 0 && i < body.nodes[rows].count; i++) {
                if (json_int64(&body, child, &seq) == 0)
                        r = sequences_add(&v->named, seq);
                child = body.nodes[child].next;
        }
        return r;
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

static int meet_heads(struct verification *v)
{
        for (size_t i = 0; i < v->n_heads; i++) {
                struct known_head *head = &v->heads[i];

                if (head->seq != v->check.seq)
                        continue;
                head->met = memcmp(&v->check.hash, &head->hash, sizeof(head->hash)) == 0;
                if (head->met)
                        continue;
                problem_set(&v->problem, 0,
                            "the journal was REWRITTEN: at seq %" PRId64
                            " it has another hash than the one given",
                            head->seq);
                return EXIT_REFUSED;
        }
        return 0;
}

/* Content may be withheld from a reader: then the line says so. */
static int is_withheld(const char *line, size_t size, bool *ret)
{
        static const char member[] = "\"withheld\"";
        cleanup_(json_tape_done) struct json_tape row = JSON_TAPE_NULL;
        uint32_t node;
        int r;

        *ret = false;
        if (!memmem(line, size, member, sizeof(member) - 1))
                return 0;
        r = json_tape_parse(&row, line, size, NULL);
        *ret = r == 0 && json_member(&row, 0, "withheld", &node) == 0 &&
               row.nodes[node].kind == JSON_TRUE;
        return MIN(r, 0);
}

/* A row that is opened and has no content: withheld, or gone. */
static int take_empty(struct verification *v, const char *line, size_t size)
{
        bool withheld;
        int r = is_withheld(line, size, &withheld);

        if (r == 0 && !withheld)
                return sequences_add(&v->lost, v->check.seq);
        v->n_withheld += withheld;
        return r;
}

int verification_line(void *userdata, const char *line, size_t size)
{
        struct verification *v = userdata;
        struct journal_check before = v->check;
        const struct journal_check *now = &v->check;
        struct problem why = {0};
        int r;

        r = journal_check_line(&v->check, line, size, &why);
        if (r > 0) {
                problem_set(&v->problem, 0, "the journal is BROKEN behind seq %" PRId64 ": %s",
                            v->check.seq, why.text);
                return EXIT_REFUSED;
        }
        if (r == 0 && now->n_bare == before.n_bare && now->n_bodies == before.n_bodies)
                r = take_empty(v, line, size);
        if (r == 0)
                r = count_expired(v, line, size);
        if (r == 0)
                r = take_redaction(v, line, size);
        if (r == 0)
                r = look_beside(v, line, size);
        return r == 0 ? meet_heads(v) : r;
}

static int compare(const void *a, const void *b)
{
        int64_t x = *(const int64_t *) a, y = *(const int64_t *) b;

        return x < y ? -1 : x > y;
}

/* Content that is gone must be named by a row as redacted; who took it away otherwise left the
 * chain whole, and is told here. */
static int lost_content(struct verification *v)
{
        if (v->named.n > 0)
                qsort(v->named.seq, v->named.n, sizeof(*v->named.seq), compare);
        for (size_t i = 0; i < v->lost.n; i++) {
                if (v->named.n > 0 && bsearch(&v->lost.seq[i], v->named.seq, v->named.n,
                                              sizeof(*v->named.seq), compare))
                        continue;
                problem_set(&v->problem, 0,
                            "the journal has LOST CONTENT: that of row %" PRId64
                            " is gone, and no row says that it was redacted",
                            v->lost.seq[i]);
                return EXIT_REFUSED;
        }
        return 0;
}

int verification_end(struct verification *v)
{
        if (v->check.n_rows == 0) {
                problem_set(&v->problem, 0, "there is not one row to verify");
                return EXIT_REFUSED;
        }
        for (size_t i = 0; i < v->n_heads; i++)
                if (!v->heads[i].met) {
                        problem_set(&v->problem, 0,
                                    "the journal was CUT: it ends at seq %" PRId64
                                    ", before the head given",
                                    v->check.seq);
                        return EXIT_REFUSED;
                }
        return lost_content(v);
}
