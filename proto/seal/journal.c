/* Walks a journal's chain and opens its rows. One tape a row; all forms are those of journal.h and
 * SEMANTICS section 3. Pure; used by capactl journal verify and by tests. */
#include "proto/seal/journal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "proto/json/tape.h"
#include "proto/wire/timestamp.h"

/* A line read apart, before anything is believed. */
struct row {
        int64_t seq;
        struct hash row, hash;
        bool has_open, has_body, redacted;
        int64_t at_us;      /* of the open line */
        struct hash digest; /* of the open line */
};

void journal_check_init(struct journal_check *c)
{
        *c = (struct journal_check){.last_at_us = INT64_MIN};
}

static int shape_refuse(struct problem *reterr, size_t offset, const char *what)
{
        problem_set(reterr, offset, "no journal row: %s", what);
        return JOURNAL_E_SHAPE;
}

static int member_seq(const struct json_tape *t, int64_t *ret, struct problem *reterr)
{
        uint32_t node;

        if (json_member(t, 0, "seq", &node) != 0 || json_int64(t, node, ret) != 0 || *ret < 1)
                return shape_refuse(reterr, 0, "\"seq\" must be a whole number from 1");
        return 0;
}

static int member_hash(const struct json_tape *t, const char *name, struct hash *ret,
                       struct problem *reterr)
{
        const char *text;
        uint32_t node;
        size_t size;

        if (json_member(t, 0, name, &node) == 0 && t->nodes[node].kind == JSON_STRING) {
                json_slice(t, node, &text, &size);
                if (hash_from_hex(text + 1, size - 2, ret) == 0)
                        return 0;
        }
        problem_set(reterr, 0, "no journal row: \"%s\" must be 64 hex digits", name);
        return JOURNAL_E_SHAPE;
}

/* A string member, decoded; *ret_there tells whether it was there. */
static int member_text(const struct json_tape *t, const char *name, struct buffer *ret,
                       bool *ret_there, struct problem *reterr)
{
        uint32_t node;

        *ret_there = json_member(t, 0, name, &node) == 0;
        if (!*ret_there)
                return 0;
        if (t->nodes[node].kind != JSON_STRING) {
                problem_set(reterr, t->nodes[node].offset,
                            "no journal row: \"%s\" must be a string", name);
                return JOURNAL_E_SHAPE;
        }
        json_string_decode(t, node, ret);
        return buffer_status(ret);
}

static int row_broken(struct problem *reterr, int64_t seq, const char *what)
{
        problem_set(reterr, 0, "row %" PRId64 " is broken: %s", seq, what);
        return JOURNAL_E_BROKEN;
}

/* The open line: it must be what "row" digests, and speak of this row. */
static int open_check(const struct buffer *open, struct row *row, struct problem *reterr)
{
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        struct hash digest;
        uint32_t node;
        int64_t seq;
        int r;

        hash_of(open->data, open->size, &digest);
        if (memcmp(digest.bytes, row->row.bytes, HASH_BYTES) != 0)
                return row_broken(reterr, row->seq,
                                  "its open line is not the one that was chained");
        r = json_tape_parse(&t, open->data, open->size, reterr);
        if (r != 0)
                return r < 0 ? r : row_broken(reterr, row->seq, "its open line is not JSON");
        if (member_seq(&t, &seq, NULL) != 0 || seq != row->seq)
                return row_broken(reterr, row->seq, "its open line has another \"seq\"");
        if (json_member(&t, 0, "at", &node) != 0 || t.nodes[node].kind != JSON_STRING ||
            timestamp_parse(t.text + t.nodes[node].offset, t.nodes[node].length, &row->at_us) != 0)
                return row_broken(reterr, row->seq, "its open line has no readable \"at\"");
        r = member_hash(&t, "digest", &row->digest, NULL);
        return r == 0 ? 0 : row_broken(reterr, row->seq, "its open line has no \"digest\"");
}

static int body_check(const struct json_tape *t, struct row *row, struct problem *reterr)
{
        cleanup_(buffer_done) struct buffer body = BUFFER_NULL;
        struct hash salt, digest;
        uint32_t node;
        int r;

        row->redacted =
                json_member(t, 0, "redacted", &node) == 0 && t->nodes[node].kind == JSON_TRUE;
        r = member_text(t, "body", &body, &row->has_body, reterr);
        if (r != 0)
                return r;
        if (!row->has_body)
                return 0;
        if (!row->has_open || row->redacted)
                return shape_refuse(reterr, 0, "a body needs its open line, and is not redacted");
        r = member_hash(t, "salt", &salt, reterr);
        if (r != 0)
                return r;
        digest_make(salt.bytes, body.data, body.size, &digest);
        if (memcmp(digest.bytes, row->digest.bytes, HASH_BYTES) != 0)
                return row_broken(reterr, row->seq, "its body is not the one that was recorded");
        return 0;
}

static int row_read(const struct json_tape *t, struct row *row, struct problem *reterr)
{
        cleanup_(buffer_done) struct buffer open = BUFFER_NULL;
        int r;

        r = member_seq(t, &row->seq, reterr);
        if (r != 0)
                return r;
        r = member_hash(t, "row", &row->row, reterr);
        if (r != 0)
                return r;
        r = member_hash(t, "hash", &row->hash, reterr);
        if (r != 0)
                return r;
        r = member_text(t, "open", &open, &row->has_open, reterr);
        if (r != 0)
                return r;
        if (row->has_open) {
                r = open_check(&open, row, reterr);
                if (r != 0)
                        return r;
        }
        return body_check(t, row, reterr);
}

/* hash = SHA-256(hex(previous) SP hex(row) LF) */
static void link_make(const struct hash *previous, const struct hash *row, struct hash *ret)
{
        char line[4 * HASH_BYTES + 3];

        hash_hex(previous, line);
        line[2 * HASH_BYTES] = ' ';
        hash_hex(row, line + 2 * HASH_BYTES + 1);
        line[4 * HASH_BYTES + 1] = '\n';
        hash_of(line, 4 * HASH_BYTES + 2, ret);
}

static int chain_check(const struct journal_check *c, const struct row *row, struct problem *reterr)
{
        struct hash hash;

        if (row->seq != c->seq + 1) {
                problem_set(reterr, 0, "row %" PRId64 " follows row %" PRId64 ": %s", row->seq,
                            c->seq,
                            row->seq > c->seq ? "rows are missing between them"
                                              : "rows are repeated or out of order");
                return JOURNAL_E_BROKEN;
        }
        link_make(&c->hash, &row->row, &hash);
        if (memcmp(hash.bytes, row->hash.bytes, HASH_BYTES) != 0)
                return row_broken(reterr, row->seq, "its hash does not follow from the row before");
        if (row->has_open && row->at_us <= c->last_at_us)
                return row_broken(reterr, row->seq,
                                  "its time is not behind that of the row before");
        return 0;
}

int journal_check_line(struct journal_check *c, const char *line, size_t size,
                       struct problem *reterr)
{
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        struct row row = {0};
        int r;

        r = json_tape_parse(&t, line, size, reterr);
        if (r < 0)
                return r;
        if (r != 0)
                return JOURNAL_E_SHAPE;
        if (t.nodes[0].kind != JSON_OBJECT)
                return shape_refuse(reterr, 0, "expected one JSON object");
        r = row_read(&t, &row, reterr);
        if (r != 0)
                return r;
        r = chain_check(c, &row, reterr);
        if (r != 0)
                return r;
        c->seq = row.seq;
        c->hash = row.hash;
        if (row.has_open)
                c->last_at_us = row.at_us;
        c->n_rows++;
        c->n_bodies += row.has_body;
        c->n_redacted += row.redacted;
        c->n_bare += !row.has_open;
        return 0;
}
