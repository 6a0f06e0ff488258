/* Building a batch: no allocation for an event where the buffers are warm. Cases are found again
 * through a small open-addressing table keyed by the fingerprint's own bits. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "daemon/db/ingest.h"

#define SLOTS_FIRST 256U

struct ingest_slot {
        struct hash fingerprint;
        const char *effect, *grade;
        unsigned rule;
        unsigned number; /* of the case, from 1; 0 is an empty slot */
};

void ingest_batch_done(struct ingest_batch *b)
{
        buffer_done(&b->cases);
        buffer_done(&b->events);
        buffer_done(&b->meta);
        buffer_done(&b->bodies);
        free(b->slots);
        *b = (struct ingest_batch){0};
}

void ingest_batch_clear(struct ingest_batch *b)
{
        buffer_clear(&b->cases);
        buffer_clear(&b->events);
        buffer_clear(&b->meta);
        buffer_clear(&b->bodies);
        if (b->n_cases > 0)
                memset(b->slots, 0, b->n_slots * sizeof(*b->slots));
        b->n_cases = b->n_events = 0;
}

void ingest_frame(struct ingest_batch *b)
{
        b->frame_size = SIZE_MAX;
}

static struct ingest_slot *slot_find(struct ingest_slot *slots, unsigned n,
                                     const struct ingest_case *c)
{
        uint32_t at;

        memcpy(&at, c->fingerprint->bytes, sizeof(at));
        for (at %= n; slots[at].number != 0; at = (at + 1) % n)
                if (slots[at].rule == c->rule && slots[at].effect == c->effect &&
                    slots[at].grade == c->grade &&
                    memcmp(&slots[at].fingerprint, c->fingerprint, sizeof(*c->fingerprint)) == 0)
                        break;
        return &slots[at];
}

static int slots_grow(struct ingest_batch *b)
{
        unsigned n = b->n_slots ? b->n_slots * 2 : SLOTS_FIRST;
        struct ingest_slot *slots = calloc(n, sizeof(*slots));

        if (!slots)
                return -ENOMEM;
        for (unsigned i = 0; i < b->n_slots; i++) {
                struct ingest_case c = {.rule = b->slots[i].rule,
                                        .effect = b->slots[i].effect,
                                        .grade = b->slots[i].grade,
                                        .fingerprint = &b->slots[i].fingerprint};

                if (b->slots[i].number != 0)
                        *slot_find(slots, n, &c) = b->slots[i];
        }
        free(b->slots);
        b->slots = slots;
        b->n_slots = n;
        return 0;
}

static void add_text(struct buffer *b, const char *name, const struct frame *f)
{
        if (!f->data)
                return;
        buffer_add_str(b, name);
        buffer_add_json_string(b, f->data, f->size);
}

static void add_number(struct buffer *b, uint64_t n)
{
        char digits[20];
        size_t at = sizeof(digits);

        do {
                digits[--at] = (char) ('0' + n % 10);
                n /= 10;
        } while (n > 0);
        buffer_add(b, digits + at, sizeof(digits) - at);
}

static int case_number(struct ingest_batch *b, const struct ingest_case *c, unsigned *ret)
{
        struct ingest_slot *slot;
        int r;

        if (b->n_cases * 2 >= b->n_slots) {
                r = slots_grow(b);
                if (r < 0)
                        return r;
        }
        slot = slot_find(b->slots, b->n_slots, c);
        if (slot->number == 0) {
                *slot = (struct ingest_slot){.fingerprint = *c->fingerprint,
                                             .effect = c->effect,
                                             .grade = c->grade,
                                             .rule = c->rule,
                                             .number = ++b->n_cases};
                buffer_add_str(&b->cases, slot->number > 1 ? ",{\"rule\":" : "{\"rule\":");
                add_number(&b->cases, c->rule);
                buffer_add_str(&b->cases, ",\"effect\":\"");
                buffer_add_str(&b->cases, c->effect);
                buffer_add_str(&b->cases, "\",\"fp\":\"");
                buffer_add_hex(&b->cases, c->fingerprint->bytes, HASH_BYTES);
                buffer_add_char(&b->cases, '"');
                if (c->grade) {
                        buffer_add_str(&b->cases, ",\"grade\":");
                        buffer_add_json_cstr(&b->cases, c->grade);
                }
                add_text(&b->cases, ",\"title\":", &c->title);
                add_text(&b->cases, ",\"found\":", &c->found);
                add_text(&b->cases, ",\"asset\":", &c->asset);
                buffer_add_char(&b->cases, '}');
        }
        *ret = slot->number - 1;
        return 0;
}

/* Key, hash, salt and salted digest: what the database never has to compute. */
static void add_head(struct ingest_batch *b, const struct ingest_event *e, const char *bytes)
{
        uint8_t salt[SALT_BYTES];
        struct hash digest;

        salt_make(salt);
        digest_make(salt, bytes, e->size, &digest);
        buffer_add(&b->bodies, e->key, KEY_BYTES);
        buffer_add(&b->bodies, e->body_hash->bytes, HASH_BYTES);
        buffer_add(&b->bodies, salt, SALT_BYTES);
        buffer_add(&b->bodies, digest.bytes, HASH_BYTES);
}

static void add_envelope(struct buffer *b, const struct ingest_event *e)
{
        add_text(b, ",\"src\":", &e->source);
        add_text(b, ",\"id\":", &e->id);
        add_text(b, ",\"type\":", &e->type);
        add_text(b, ",\"sub\":", &e->subject);
        if (e->adapter && e->adapter[0]) {
                buffer_add_str(b, ",\"ad\":");
                buffer_add_json_cstr(b, e->adapter);
        }
        if (e->observed_us != 0)
                buffer_printf(b, ",\"t\":%" PRId64, e->observed_us);
        if (e->first_seen_us != 0)
                buffer_printf(b, ",\"fs\":%" PRId64, e->first_seen_us);
        if (e->conflicts)
                buffer_add_str(b, ",\"x\":true");
        if (e->status) {
                buffer_add_str(b, ",\"s\":");
                buffer_add_json_cstr(b, e->status);
        }
        if (e->why) {
                buffer_add_str(b, ",\"why\":");
                buffer_add_json_cstr(b, e->why);
        }
}

int ingest_add(struct ingest_batch *b, const struct frame *body, const struct ingest_event *e)
{
        struct buffer *out = &b->events;
        size_t head = b->bodies.size;
        unsigned number;
        int r;

        add_head(b, e, body->data ? body->data + e->offset : "");
        if (b->frame_size == SIZE_MAX) {
                b->frame_event = b->n_events;
                b->frame_offset = b->bodies.size;
                b->frame_size = body->size;
                buffer_add(&b->bodies, body->data, body->size);
        }
        buffer_add_str(out, b->n_events > 0 ? ",{\"h\":" : "{\"h\":");
        add_number(out, head);
        buffer_add_str(out, ",\"o\":");
        add_number(out, b->frame_offset + e->offset);
        buffer_add_str(out, ",\"n\":");
        add_number(out, e->size);
        buffer_add_str(out, ",\"c\":[");
        for (size_t i = 0; i < e->n_cases; i++) {
                r = case_number(b, &e->cases[i], &number);
                if (r < 0)
                        return r;
                if (i > 0)
                        buffer_add_char(out, ',');
                add_number(out, number);
        }
        buffer_add_char(out, ']');
        add_envelope(out, e);
        if (e->fanned_out && b->frame_event != b->n_events) {
                buffer_add_str(out, ",\"f\":");
                add_number(out, b->frame_event);
        }
        buffer_add_char(out, '}');
        b->n_events++;
        return buffer_status(out);
}

int ingest_finish(struct ingest_batch *b, const char *daemon, const char *ruleset)
{
        buffer_clear(&b->meta);
        buffer_add_str(&b->meta, "{\"daemon\":");
        buffer_add_json_cstr(&b->meta, daemon);
        buffer_add_str(&b->meta, ",\"ruleset\":");
        buffer_add_json_cstr(&b->meta, ruleset);
        buffer_add_str(&b->meta, ",\"cases\":[");
        buffer_add(&b->meta, b->cases.data, b->cases.size);
        buffer_add_str(&b->meta, "],\"events\":[");
        buffer_add(&b->meta, b->events.data, b->events.size);
        buffer_add_str(&b->meta, "]}");
        if (buffer_status(&b->cases) < 0 || buffer_status(&b->events) < 0 ||
            buffer_status(&b->bodies) < 0)
                return -ENOMEM;
        return buffer_status(&b->meta);
}
