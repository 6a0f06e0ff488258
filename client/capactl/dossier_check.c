/* Reads proof.txt (client/README.md, "A dossier") line by line: what it says of a row, a file or an
 * event must follow from the bytes beside it. */
#include "client/capactl/dossier_check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "client/capactl/bundle.h"

#define WORDS_MAX 80 /* of a line of proof.txt: a way has at most 16 steps */

struct inspection {
        struct bundle *bundle;
        struct verification *v;
        struct dossier_count *count;
        struct buffer rows;   /* journal/rows.txt; its lines have 130 bytes */
        struct buffer opened; /* rows whose content was verified, " 5 6 7 " */
};

/* A line cut at its blanks. */
struct words {
        char *word[WORDS_MAX];
        size_t n;
};

#define ROW_LINE 130 /* 64 digits, blank, 64 digits, line feed */

static int wrong(struct inspection *x, const char *what, const char *name)
{
        problem_set(&x->v->problem, 0, "the dossier is NOT what capad wrote: %s %s", name, what);
        return EXIT_REFUSED;
}

static int get(struct inspection *x, const char *name, struct buffer *ret)
{
        int r = bundle_get(x->bundle, name, ret);

        return r > 0 ? wrong(x, "is not there", name) : r;
}

static void split(char *line, struct words *ret)
{
        char *rest = NULL;

        ret->n = 0;
        for (char *w = strtok_r(line, " ", &rest); w && ret->n < WORDS_MAX;
             w = strtok_r(NULL, " ", &rest))
                ret->word[ret->n++] = w;
}

/* For each line of a text; the line is the callee's to change. */
static int each_line(struct inspection *x, struct buffer *text,
                     int (*fn)(struct inspection *x, char *line))
{
        char *line = text->data, *end;
        int r = 0;

        for (; r == 0 && line && *line; line = end + 1) {
                end = strchr(line, '\n');
                if (!end || strlen(line) == 0)
                        return wrong(x, "has a line without end", "a list");
                *end = '\0';
                r = fn(x, line);
        }
        return r;
}

static int check_sum(struct inspection *x, char *line)
{
        cleanup_(buffer_done) struct buffer bytes = BUFFER_NULL;
        const char *name = line + 66;
        struct hash given, hash;
        int r;

        if (strlen(line) < 67 || hash_from_hex(line, 64, &given) != 0)
                return wrong(x, "has a line that is none", BUNDLE_SUMS);
        r = get(x, name, &bytes);
        if (r != 0)
                return r;
        hash_of(bytes.data, bytes.size, &hash);
        return memcmp(&given, &hash, sizeof(hash)) == 0 ? 0 : wrong(x, "was changed", name);
}

/* Each file is as it was written, and none was added. */
static int check_sums(struct inspection *x)
{
        cleanup_(buffer_done) struct buffer sums = BUFFER_NULL, copy = BUFFER_NULL;
        char line[4200];
        int r;

        r = get(x, BUNDLE_SUMS, &sums);
        if (r == 0) {
                buffer_add(&copy, sums.data, sums.size);
                r = buffer_status(&copy);
        }
        if (r == 0)
                r = each_line(x, &copy, check_sum);
        for (size_t i = 0; r == 0 && i < bundle_count(x->bundle); i++) {
                snprintf(line, sizeof(line), "  %s\n", bundle_name(x->bundle, i));
                if (strcmp(bundle_name(x->bundle, i), BUNDLE_SUMS) != 0 && !strstr(sums.data, line))
                        r = wrong(x, "is none of its files", bundle_name(x->bundle, i));
        }
        return r;
}

/* The row's line for the verification: with what is in full, if proof.txt names it. */
static int feed_row(struct inspection *x, int64_t seq, const char *salt)
{
        cleanup_(buffer_done) struct buffer line = BUFFER_NULL, text = BUFFER_NULL;
        const char *row = x->rows.data + (seq - 1) * ROW_LINE;
        uint64_t n_bodies = x->v->check.n_bodies;
        char name[64];
        int r = 0;

        buffer_printf(&line, "{\"seq\":%" PRId64 ",\"row\":\"%.64s\",\"hash\":\"%.64s\"", seq, row,
                      row + 65);
        if (salt) {
                snprintf(name, sizeof(name), "journal/%" PRId64 ".open", seq);
                r = get(x, name, &text);
                buffer_add_str(&line, ",\"open\":");
                buffer_add_json_string(&line, text.data ? text.data : "", text.size);
        }
        if (salt && strcmp(salt, "redacted") == 0)
                buffer_add_str(&line, ",\"redacted\":true");
        else if (salt && strcmp(salt, "withheld") == 0)
                buffer_add_str(&line, ",\"withheld\":true");
        else if (salt && r == 0) {
                buffer_clear(&text);
                snprintf(name, sizeof(name), "journal/%" PRId64 ".body", seq);
                r = get(x, name, &text);
                buffer_printf(&line, ",\"salt\":\"%.64s\",\"body\":", salt);
                buffer_add_json_string(&line, text.data ? text.data : "", text.size);
        }
        buffer_add_char(&line, '}');
        if (r == 0)
                r = buffer_status(&line);
        if (r == 0)
                r = verification_line(x->v, line.data, line.size);
        if (r == 0 && x->v->check.n_bodies > n_bodies)
                buffer_printf(&x->opened, "%" PRId64 " ", seq);
        return r == 0 ? buffer_status(&x->opened) : r;
}

/* Bare rows before this one, then this one. */
static int check_row(struct inspection *x, const struct words *w)
{
        int64_t seq = w->n == 3 ? strtoll(w->word[1], NULL, 10) : 0;
        int r = 0;

        if (w->n != 3 || seq <= x->v->check.seq || (uint64_t) seq * ROW_LINE > x->rows.size)
                return wrong(x, "names a row that can't be", "proof.txt");
        while (r == 0 && x->v->check.seq < seq - 1)
                r = feed_row(x, x->v->check.seq + 1, NULL);
        return r == 0 ? feed_row(x, seq, w->word[2]) : r;
}

/* Does the content of a row, which must have been verified before, hold this text? */
static int body_says(struct inspection *x, const char *row, const char *text)
{
        cleanup_(buffer_done) struct buffer body = BUFFER_NULL;
        char name[64];
        int r;

        snprintf(name, sizeof(name), " %.20s ", row);
        if (!strstr(x->opened.data, name))
                return EXIT_REFUSED;
        snprintf(name, sizeof(name), "journal/%.20s.body", row);
        r = bundle_get(x->bundle, name, &body);
        if (r < 0)
                return r;
        return r == 0 && memmem(body.data, body.size, text, strlen(text)) ? 0 : EXIT_REFUSED;
}

/* file REF ID ROW SHA256 NAME, and how an event begins */
static int check_file(struct inspection *x, const struct words *w)
{
        cleanup_(buffer_done) struct buffer bytes = BUFFER_NULL;
        struct hash given, hash;
        char text[128];
        int r;

        if (w->n < 6 || hash_from_hex(w->word[4], strlen(w->word[4]), &given) != 0)
                return wrong(x, "has a line that is none", "proof.txt");
        r = get(x, w->word[5], &bytes);
        if (r != 0)
                return r;
        hash_of(bytes.data, bytes.size, &hash);
        snprintf(text, sizeof(text), "\"sha256\": \"%s\"", w->word[4]);
        r = body_says(x, w->word[3], text);
        snprintf(text, sizeof(text), "\"id\": %.20s,", w->word[2]);
        if (r == 0)
                r = body_says(x, w->word[3], text);
        if (r < 0)
                return r;
        return r == 0 && memcmp(&given, &hash, sizeof(hash)) == 0
                       ? 0
                       : wrong(x, "is not what the journal says of it", w->word[5]);
}

/* One step of the way from a leaf to its root: "l:HEX" or "r:HEX". */
static int climb(struct hash *node, const char *step)
{
        struct hash other;
        struct hasher h;
        bool left = *step == 'l';

        if ((*step != 'l' && *step != 'r') || step[1] != ':' ||
            hash_from_hex(step + 2, strlen(step + 2), &other) != 0)
                return EXIT_REFUSED;
        hash_init(&h);
        hash_update(&h, "\x01", 1);
        hash_update(&h, left ? &other : node, sizeof(*node));
        hash_update(&h, left ? node : &other, sizeof(*node));
        hash_final(&h, node);
        return 0;
}

/* ... EVENTNO SALT DIGEST SEALROW [ROOT STEP...] */
static int check_seal(struct inspection *x, const struct words *w, const struct hash *digest)
{
        char text[128], hex[2 * HASH_BYTES + 1];
        struct hash node;
        struct hasher h;
        int r = 0;

        hash_init(&h);
        hash_update(&h, "", 1);
        hash_update(&h, digest, sizeof(*digest));
        hash_final(&h, &node);
        for (size_t i = 11; r == 0 && i < w->n; i++)
                r = climb(&node, w->word[i]);
        hash_hex(&node, hex);
        if (r != 0 || w->n < 11 || strcmp(hex, w->word[10]) != 0)
                return wrong(x, "does not lie under its seal", w->word[5]);
        snprintf(text, sizeof(text), "\"root\": \"%s\"", hex);
        r = body_says(x, w->word[9], text);
        if (r == 0)
                r = body_says(x, w->word[9], "\"type\": \"org.capad.evidence.sealed.v1\"");
        return r > 0 ? wrong(x, "does not lie under a seal of the journal", w->word[5]) : r;
}

static int check_event(struct inspection *x, const struct words *w)
{
        cleanup_(buffer_done) struct buffer bytes = BUFFER_NULL;
        struct hash salt, given, digest;
        char text[64];
        int r;

        r = check_file(x, w);
        if (r != 0)
                return r;
        if (w->n < 10 || hash_from_hex(w->word[7], strlen(w->word[7]), &salt) != 0 ||
            hash_from_hex(w->word[8], strlen(w->word[8]), &given) != 0)
                return wrong(x, "has a line that is none", "proof.txt");
        snprintf(text, sizeof(text), "\"eventno\": %.20s", w->word[6]);
        r = body_says(x, w->word[3], text);
        if (r == 0)
                r = get(x, w->word[5], &bytes);
        if (r < 0)
                return r;
        digest_make(salt.bytes, bytes.data, bytes.size, &digest);
        if (r > 0 || memcmp(&given, &digest, sizeof(digest)) != 0)
                return wrong(x, "has another digest than its event", w->word[5]);
        x->count->events++;
        if (strcmp(w->word[9], "0") == 0)
                return 0;
        r = check_seal(x, w, &digest);
        x->count->sealed += r == 0;
        return r;
}

static int check_loose(struct inspection *x, const struct words *w)
{
        cleanup_(buffer_done) struct buffer bytes = BUFFER_NULL;
        struct hash given, hash;
        int r;

        if (w->n != 5 || hash_from_hex(w->word[3], strlen(w->word[3]), &given) != 0)
                return wrong(x, "has a line that is none", "proof.txt");
        r = get(x, w->word[4], &bytes);
        if (r != 0)
                return r;
        hash_of(bytes.data, bytes.size, &hash);
        x->count->loose++;
        return memcmp(&given, &hash, sizeof(hash)) == 0 ? 0 : wrong(x, "was changed", w->word[4]);
}

static int check_proof(struct inspection *x, char *line)
{
        struct words w;
        char head[100];
        int r;

        split(line, &w);
        if (w.n == 0)
                return 0;
        if (strcmp(w.word[0], "capad-dossier") == 0)
                return w.n == 2 && strcmp(w.word[1], "1") == 0
                               ? 0
                               : wrong(x, "has a form of a newer capad", "proof.txt");
        if (strcmp(w.word[0], "head") == 0 && w.n == 3) {
                snprintf(head, sizeof(head), "%.20s:%.64s", w.word[1], w.word[2]);
                r = verification_head(x->v, head);
                return r > 0 ? wrong(x, "names a head that is none", "proof.txt") : r;
        }
        if (strcmp(w.word[0], "row") == 0)
                return check_row(x, &w);
        if (strcmp(w.word[0], "file") == 0) {
                r = check_file(x, &w);
                x->count->files += r == 0;
                return r;
        }
        if (strcmp(w.word[0], "event") == 0)
                return check_event(x, &w);
        if (strcmp(w.word[0], "loose") == 0)
                return check_loose(x, &w);
        if (strcmp(w.word[0], "gone") == 0)
                x->count->gone++;
        else if (strcmp(w.word[0], "expired") == 0 && w.n == 3)
                x->count->expired += strtoull(w.word[2], NULL, 10);
        return 0;
}

/* Rows behind the last one in full, up to the head, which must be the last. */
static int check_rest(struct inspection *x)
{
        int64_t rows = (int64_t) (x->rows.size / ROW_LINE);
        int r = 0;

        if (x->rows.size % ROW_LINE != 0)
                return wrong(x, "has a line that is none", "journal/rows.txt");
        while (r == 0 && x->v->check.seq < rows)
                r = feed_row(x, x->v->check.seq + 1, NULL);
        if (r == 0)
                r = verification_end(x->v);
        if (r == 0 && x->v->heads[x->v->n_heads - 1].seq != rows)
                r = wrong(x, "has another head than its last row", "proof.txt");
        return r;
}

int dossier_check(const char *path, struct verification *v, struct dossier_count *ret)
{
        cleanup_(bundle_free_p) struct bundle *b = NULL;
        cleanup_(buffer_done) struct buffer proof = BUFFER_NULL;
        struct problem problem = {0};
        struct inspection x = {.v = v, .count = ret};
        int r;

        *ret = (struct dossier_count){0};
        r = bundle_open(path, &b, &problem);
        if (r != 0)
                return r < 0 ? r : session_complain(EXIT_USAGE, "%s", problem.text);
        x.bundle = b;
        buffer_add_char(&x.opened, ' ');
        r = buffer_status(&x.opened);
        if (r == 0)
                r = check_sums(&x);
        if (r == 0)
                r = get(&x, "proof.txt", &proof);
        if (r == 0)
                r = get(&x, "journal/rows.txt", &x.rows);
        if (r == 0)
                r = each_line(&x, &proof, check_proof);
        if (r == 0)
                r = v->n_heads == 0 ? wrong(&x, "names no head", "proof.txt") : check_rest(&x);
        buffer_done(&x.rows);
        buffer_done(&x.opened);
        return r;
}
