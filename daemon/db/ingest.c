/* Building a batch: no allocation for an event where the buffers are warm. Rows are kept as numbers
 * until the end, because a column is one text and offsets count from behind all heads. */
#include <errno.h>
#include <string.h>

#include "daemon/db/ingest.h"

#define HEAD_BYTES (KEY_BYTES + HASH_BYTES + SALT_BYTES + HASH_BYTES)

struct ingest_row {
        int64_t at, size, first_case, source, type, subject, adapter, redacted, time, since, frame;
};

void ingest_batch_done(struct ingest_batch *b)
{
        buffer_done(&b->cases);
        buffer_done(&b->more);
        buffer_done(&b->aside);
        buffer_done(&b->frames);
        buffer_done(&b->heard);
        buffer_done(&b->meta);
        buffer_done(&b->heads);
        buffer_done(&b->bytes);
        buffer_done(&b->bodies);
        intern_done(&b->case_keys);
        intern_done(&b->texts);
        intern_done(&b->heard_keys);
        free(b->rows);
        *b = (struct ingest_batch){0};
}

void ingest_batch_clear(struct ingest_batch *b)
{
        buffer_clear(&b->cases);
        buffer_clear(&b->more);
        buffer_clear(&b->aside);
        buffer_clear(&b->frames);
        buffer_clear(&b->heard);
        buffer_clear(&b->meta);
        buffer_clear(&b->heads);
        buffer_clear(&b->bytes);
        buffer_clear(&b->bodies);
        intern_clear(&b->case_keys);
        intern_clear(&b->texts);
        intern_clear(&b->heard_keys);
        b->n_rows = b->n_frames = 0;
        b->watched = b->redacts = false;
        b->subscription = NULL;
}

static void add_number(struct buffer *b, int64_t number)
{
        char digits[21];
        size_t at = sizeof(digits);
        uint64_t n = number < 0 ? 0 - (uint64_t) number : (uint64_t) number;

        do {
                digits[--at] = (char) ('0' + n % 10);
                n /= 10;
        } while (n > 0);
        if (number < 0)
                digits[--at] = '-';
        buffer_add(b, digits + at, sizeof(digits) - at);
}

void ingest_frame(struct ingest_batch *b, const struct frame *bytes, bool fans_out)
{
        b->frame_offset = b->bytes.size;
        b->fans_out = fans_out;
        if (bytes->size > 0)
                buffer_add(&b->bytes, bytes->data, bytes->size);
        if (!fans_out)
                return;
        /* The offset is from the start of the bytes; ingest_finish would have to shift it, so
         * frames are written there from these pairs. */
        buffer_add(&b->frames, &(int64_t){(int64_t) b->frame_offset}, sizeof(int64_t));
        buffer_add(&b->frames, &(int64_t){(int64_t) bytes->size}, sizeof(int64_t));
        b->n_frames++;
}

static int text_number(struct ingest_batch *b, const char *data, size_t size, int64_t *ret)
{
        unsigned number;
        bool fresh;
        int r;

        *ret = -1;
        if (!data)
                return 0;
        r = intern_number(&b->texts, data, size, &number, &fresh);
        if (r < 0)
                return r;
        *ret = number;
        return 0;
}

/* Key, hash, salt and salted digest: what the database never has to compute. */
static void add_head(struct ingest_batch *b, const struct ingest_event *e)
{
        uint8_t salt[SALT_BYTES];
        struct hash digest;

        salt_take(&b->salts, salt);
        digest_make(salt, b->bytes.size > 0 ? b->bytes.data + b->frame_offset + e->offset : "",
                    e->size, &digest);
        buffer_add(&b->heads, e->key, KEY_BYTES);
        buffer_add(&b->heads, e->body_hash->bytes, HASH_BYTES);
        buffer_add(&b->heads, salt, SALT_BYTES);
        buffer_add(&b->heads, digest.bytes, HASH_BYTES);
}

static void add_aside(struct ingest_batch *b, const struct ingest_event *e)
{
        buffer_add_str(&b->aside, b->aside.size > 0 ? ",{\"event\":" : "{\"event\":");
        add_number(&b->aside, b->n_rows);
        buffer_add_str(&b->aside, ",\"status\":");
        buffer_add_json_cstr(&b->aside, e->aside);
        if (e->why) {
                buffer_add_str(&b->aside, ",\"why\":");
                buffer_add_json_cstr(&b->aside, e->why);
        }
        if (e->id.data) {
                buffer_add_str(&b->aside, ",\"id\":");
                buffer_add_json_string(&b->aside, e->id.data, e->id.size);
        }
        buffer_add_char(&b->aside, '}');
}

static struct ingest_row *row_push(struct ingest_batch *b)
{
        if (b->n_rows == b->n_allocated) {
                unsigned n = MAX(512U, b->n_allocated * 2U);
                struct ingest_row *rows = realloc(b->rows, n * sizeof(*rows));

                if (!rows)
                        return NULL;
                b->rows = rows;
                b->n_allocated = n;
        }
        return &b->rows[b->n_rows];
}

/* That a source came by a subscription, once a batch. */
static int add_heard(struct ingest_batch *b, const struct frame *source)
{
        cleanup_(buffer_done) struct buffer pair = BUFFER_NULL;
        unsigned number;
        bool fresh = false;
        int r;

        buffer_add_char(&pair, '[');
        buffer_add_json_cstr(&pair, b->subscription);
        buffer_add_char(&pair, ',');
        buffer_add_json_string(&pair, source->data, source->size);
        buffer_add_char(&pair, ']');
        r = buffer_status(&pair);
        if (r == 0)
                r = intern_number(&b->heard_keys, pair.data, pair.size, &number, &fresh);
        if (r < 0 || !fresh)
                return r;
        if (b->heard.size > 0)
                buffer_add_char(&b->heard, ',');
        buffer_add(&b->heard, pair.data, pair.size);
        return buffer_status(&b->heard);
}

int ingest_add(struct ingest_batch *b, const struct ingest_event *e)
{
        struct ingest_row *row = row_push(b);
        int r;

        if (!row || buffer_status(&b->bytes) < 0)
                return -ENOMEM;
        *row = (struct ingest_row){.at = (int64_t) (b->frame_offset + e->offset),
                                   .size = (int64_t) e->size,
                                   .first_case = -1,
                                   .time = e->observed_us,
                                   .since = e->first_seen_us,
                                   .frame = b->fans_out ? (int64_t) b->n_frames - 1 : -1};
        r = text_number(b, e->source.data, e->source.size, &row->source);
        if (r == 0)
                r = text_number(b, e->type.data, e->type.size, &row->type);
        if (r == 0)
                r = text_number(b, e->subject.data, e->subject.size, &row->subject);
        if (r == 0 && e->adapter && e->adapter[0])
                r = text_number(b, e->adapter, strlen(e->adapter), &row->adapter);
        else
                row->adapter = -1;
        if (r == 0)
                r = text_number(b, e->redacted.data, e->redacted.size, &row->redacted);
        if (r < 0)
                return r;
        if (b->subscription && e->source.data && !e->aside)
                r = add_heard(b, &e->source);
        if (r < 0)
                return r;
        b->redacts = b->redacts || e->redacted.data;
        add_head(b, e);
        if (e->aside)
                add_aside(b, e);
        b->n_rows++;
        return buffer_status(&b->heads);
}

static void case_text(struct buffer *b, const char *name, const struct frame *f)
{
        if (!f->data)
                return;
        buffer_add_str(b, name);
        buffer_add_json_string(b, f->data, f->size);
}

static void case_hash(struct buffer *b, const char *name, const struct hash *h)
{
        if (!h)
                return;
        buffer_add_str(b, name);
        buffer_add_hex(b, h->bytes, HASH_BYTES);
        buffer_add_char(b, '"');
}

static void add_case(struct buffer *b, const struct ingest_case *c)
{
        buffer_add_str(b, b->size > 0 ? ",{\"rule\":" : "{\"rule\":");
        add_number(b, c->rule);
        buffer_add_str(b, ",\"effect\":\"");
        buffer_add_str(b, c->effect);
        buffer_add_str(b, "\",\"fp\":\"");
        buffer_add_hex(b, c->fingerprint->bytes, HASH_BYTES);
        buffer_add_char(b, '"');
        if (c->grade) {
                buffer_add_str(b, ",\"grade\":");
                buffer_add_json_cstr(b, c->grade);
        }
        case_text(b, ",\"title\":", &c->title);
        case_text(b, ",\"found\":", &c->found);
        case_text(b, ",\"asset\":", &c->asset);
        case_text(b, ",\"subject\":", &c->subject);
        if (c->controls.data) {
                buffer_add_str(b, ",\"controls\":");
                buffer_add(b, c->controls.data, c->controls.size);
        }
        case_hash(b, ",\"by\":\"", c->by);
        case_hash(b, ",\"value\":\"", c->value);
        if (c->step > 0) {
                buffer_add_str(b, ",\"step\":");
                add_number(b, c->step);
        }
        if (c->grows)
                buffer_add_str(b, ",\"grows\":true");
        for (unsigned i = 0; i < c->n_was; i++) {
                buffer_add_str(b, i == 0 ? ",\"was\":[\"" : ",\"");
                buffer_add_hex(b, c->was[i].bytes, HASH_BYTES);
                buffer_add_str(b, i == c->n_was - 1 ? "\"]" : "\"");
        }
        buffer_add_char(b, '}');
}

static void key_add(char *key, size_t *size, const struct hash *h)
{
        key[(*size)++] = h != NULL;
        if (!h)
                return;
        memcpy(key + *size, h->bytes, HASH_BYTES);
        *size += HASH_BYTES;
}

int ingest_add_case(struct ingest_batch *b, const struct ingest_case *c)
{
        struct ingest_row *row = &b->rows[b->n_rows - 1];
        char key[sizeof(c->rule) + 3 * HASH_BYTES + 5];
        size_t size = sizeof(c->rule) + HASH_BYTES;
        unsigned number;
        bool fresh;
        int r;

        memcpy(key, &c->rule, sizeof(c->rule));
        memcpy(key + sizeof(c->rule), c->fingerprint->bytes, HASH_BYTES);
        key[size++] = c->effect[0];
        key[size++] = c->grade ? (char) (c->grade[0] ^ c->grade[1] << 1) : 0;
        key[size++] = (char) (c->step << 1 | c->grows);
        key_add(key, &size, c->by);
        key_add(key, &size, c->value);
        r = intern_number(&b->case_keys, key, size, &number, &fresh);
        if (r < 0)
                return r;
        if (fresh)
                add_case(&b->cases, c);
        b->watched = b->watched || c->subject.data;
        if (row->first_case < 0) {
                row->first_case = number;
                return buffer_status(&b->cases);
        }
        buffer_add_str(&b->more, b->more.size > 0 ? ",[" : "[");
        add_number(&b->more, b->n_rows - 1);
        buffer_add_char(&b->more, ',');
        add_number(&b->more, number);
        buffer_add_char(&b->more, ']');
        return buffer_status(&b->more);
}

/* One column; shift is added to each number. Left out where all are the value that means absent. */
static void add_column(struct ingest_batch *b, const char *name, size_t field, int64_t shift,
                       int64_t absent)
{
        struct buffer *out = &b->meta;
        bool needed = absent == INT64_MIN;

        for (unsigned i = 0; !needed && i < b->n_rows; i++)
                needed = *(const int64_t *) (const void *) ((const char *) &b->rows[i] + field) !=
                         absent;
        if (!needed)
                return;
        buffer_printf(out, ",\"%s\":\"{", name);
        for (unsigned i = 0; i < b->n_rows; i++) {
                if (i > 0)
                        buffer_add_char(out, ',');
                add_number(out,
                           shift + *(const int64_t *) (const void *) ((const char *) &b->rows[i] +
                                                                      field));
        }
        buffer_add_str(out, "}\"");
}

static void add_frames(struct ingest_batch *b, int64_t shift)
{
        int64_t place[2];

        buffer_add_str(&b->meta, ",\"frames\":[");
        for (unsigned i = 0; i < b->n_frames; i++) {
                memcpy(place, b->frames.data + i * sizeof(place), sizeof(place));
                buffer_add_str(&b->meta, i > 0 ? ",[" : "[");
                add_number(&b->meta, place[0] + shift);
                buffer_add_char(&b->meta, ',');
                add_number(&b->meta, place[1]);
                buffer_add_char(&b->meta, ']');
        }
        buffer_add_char(&b->meta, ']');
}

static void add_list(struct buffer *out, const char *name, const struct buffer *items)
{
        buffer_printf(out, ",\"%s\":[", name);
        if (items->size > 0)
                buffer_add(out, items->data, items->size);
        buffer_add_char(out, ']');
}

static void add_texts(struct ingest_batch *b)
{
        buffer_add_str(&b->meta, ",\"texts\":[");
        for (unsigned i = 0; i < b->texts.n; i++) {
                size_t size;
                const char *text = intern_string(&b->texts, i, &size);

                if (i > 0)
                        buffer_add_char(&b->meta, ',');
                buffer_add_json_string(&b->meta, text, size);
        }
        buffer_add_char(&b->meta, ']');
}

int ingest_finish(struct ingest_batch *b, const char *daemon, const char *ruleset)
{
        int64_t shift = (int64_t) b->n_rows * HEAD_BYTES;

        buffer_clear(&b->meta);
        buffer_clear(&b->bodies);
        buffer_add_str(&b->meta, "{\"daemon\":");
        buffer_add_json_cstr(&b->meta, daemon);
        buffer_add_str(&b->meta, ",\"ruleset\":");
        buffer_add_json_cstr(&b->meta, ruleset);
        buffer_add_str(&b->meta, ",\"count\":");
        add_number(&b->meta, b->n_rows);
        add_list(&b->meta, "cases", &b->cases);
        add_texts(b);
        add_column(b, "at", offsetof(struct ingest_row, at), shift, INT64_MIN);
        add_column(b, "size", offsetof(struct ingest_row, size), 0, INT64_MIN);
        add_column(b, "case", offsetof(struct ingest_row, first_case), 0, INT64_MIN);
        add_column(b, "source", offsetof(struct ingest_row, source), 0, INT64_MIN);
        add_column(b, "type", offsetof(struct ingest_row, type), 0, INT64_MIN);
        add_column(b, "subject", offsetof(struct ingest_row, subject), 0, -1);
        add_column(b, "adapter", offsetof(struct ingest_row, adapter), 0, -1);
        if (b->redacts)
                add_column(b, "redacted", offsetof(struct ingest_row, redacted), 0, INT64_MIN);
        add_column(b, "time", offsetof(struct ingest_row, time), 0, 0);
        add_column(b, "since", offsetof(struct ingest_row, since), 0, 0);
        if (b->more.size > 0)
                add_list(&b->meta, "more", &b->more);
        if (b->n_frames > 0) {
                add_column(b, "frame", offsetof(struct ingest_row, frame), 0, INT64_MIN);
                add_frames(b, shift);
        }
        if (b->watched)
                buffer_add_str(&b->meta, ",\"watched\":true");
        if (b->aside.size > 0)
                add_list(&b->meta, "aside", &b->aside);
        if (b->heard.size > 0)
                add_list(&b->meta, "heard", &b->heard);
        buffer_add_char(&b->meta, '}');
        buffer_add(&b->bodies, b->heads.data, b->heads.size);
        if (b->bytes.size > 0)
                buffer_add(&b->bodies, b->bytes.data, b->bytes.size);
        if (buffer_status(&b->cases) < 0 || buffer_status(&b->more) < 0 ||
            buffer_status(&b->aside) < 0 || buffer_status(&b->frames) < 0 ||
            buffer_status(&b->heads) < 0 || buffer_status(&b->bodies) < 0 ||
            buffer_status(&b->heard) < 0)
                return -ENOMEM;
        return buffer_status(&b->meta);
}
