/* An adapter's events: fan-out, redaction, envelope and identity of each part, then the rules.
 * Identities (SEMANTICS section 1): the delivery, "peer/request-id/frame/part", or the number that
 * the tool itself gave; the key also takes the bytes in, so that other bytes are another event. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/hearing.h"
#include "proto/base/limits.h"
#include "proto/wire/timestamp.h"

struct fan { /* the parts of the frame, before and after redaction */
        const struct adapter *adapter;
        uint32_t *elements;
        uint32_t n;
        struct hash *received; /* of each element as received, where the tool numbers deliveries */
        uint32_t list, parent; /* of the element looked at last */
};

static int fan_out(struct hearing *h, struct fan *f)
{
        struct judge *j = h->judge;
        int r;

        r = adapter_fan_out(f->adapter, &j->tape, LIMIT_FAN_OUT, &j->frame_arena, &f->elements,
                            &f->n);
        if (r < 0)
                return r;
        if (r == ADAPTER_E_SHAPE) {
                j->result.verdict = VERDICT_INVALID;
                problem_set(&j->result.problem, 0,
                            "adapter \"%s\" takes its events from %s, and the message has nothing "
                            "there; was it sent with the right adapter?",
                            f->adapter->id, f->adapter->each->pointer.text);
        } else if (f->n > LIMIT_FAN_OUT) {
                j->result.verdict = VERDICT_TOO_BIG;
                problem_set(&j->result.problem, 0,
                            "the message holds more than %u events; send it in pieces",
                            LIMIT_FAN_OUT);
        }
        return 0;
}

static int hash_received(struct hearing *h, struct fan *f)
{
        struct judge *j = h->judge;

        if (f->adapter->n_delivery == 0)
                return 0;
        f->received = arena_array(&j->frame_arena, f->n + 1U, sizeof(*f->received));
        if (!f->received)
                return -ENOMEM;
        for (uint32_t i = 0; i < f->n; i++) {
                const char *slice;
                size_t size;

                json_slice(&j->tape, f->elements[i], &slice, &size);
                hash_of(slice, size, &f->received[i]);
        }
        return 0;
}

static int list_redacted(struct judge *j, const struct adapter *a, const bool *hit)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;

        for (unsigned i = 0; i < a->n_redact; i++)
                if (hit[i]) {
                        buffer_add_char(&b, b.size > 0 ? ',' : '[');
                        buffer_add_json_cstr(&b, a->redact[i].path->pointer.text);
                }
        buffer_add_char(&b, ']');
        if (buffer_status(&b) < 0)
                return -ENOMEM;
        return arena_text(&j->frame_arena, b.data, b.size, &j->result.redacted);
}

/* From here on the redacted text is the event, for rules too: nothing of what is taken out can
 * reach a title. */
static int redact(struct hearing *h, struct fan *f)
{
        struct judge *j = h->judge;
        bool *hit;
        int r;

        if (f->adapter->n_redact == 0)
                return 0;
        hit = arena_array(&j->frame_arena, f->adapter->n_redact, sizeof(*hit));
        if (!hit)
                return -ENOMEM;
        buffer_clear(&j->body);
        r = adapter_redact(f->adapter, &j->tape, f->elements, f->n, hit, &j->body);
        if (r < 0 || j->body.size == 0)
                return r;
        r = json_tape_parse(&j->tape, j->body.data, j->body.size, &j->result.problem);
        if (r != 0)
                return r < 0 ? r : -ENOTRECOVERABLE;
        j->result.body = (struct text){j->body.data, j->body.size};
        r = list_redacted(j, f->adapter, hit);
        return r < 0 ? r : fan_out(h, f);
}

static bool holds(const struct json_tape *t, uint32_t container, uint32_t node)
{
        return container < node && node < t->nodes[container].next;
}

static uint32_t child_towards(const struct json_tape *t, uint32_t container, uint32_t node)
{
        bool object = t->nodes[container].kind == JSON_OBJECT;
        uint32_t c = json_first(t, container) + object;

        while (t->nodes[c].next <= node)
                c = t->nodes[c].next + object;
        return c;
}

/* What holds the list that the element is in. Neighbours are in the same list mostly. */
static uint32_t find_parent(const struct json_tape *t, struct fan *f, uint32_t element)
{
        uint32_t above = NODE_NONE, at = 0;

        if (!f->adapter->each)
                return NODE_NONE;
        if (f->list != NODE_NONE && holds(t, f->list, element))
                return f->parent;
        f->parent = NODE_NONE;
        f->list = NODE_NONE;
        while (holds(t, at, element)) {
                f->parent = above;
                f->list = at;
                above = at;
                at = child_towards(t, at, element);
        }
        if (f->list != NODE_NONE && t->nodes[f->list].kind == JSON_OBJECT)
                f->parent = f->list; /* an object that counts as a list of itself */
        return f->parent;
}

static int64_t read_time(const struct mapped *m)
{
        const struct text *t = &m->value.text;
        int64_t us = 0;

        if (!m->present)
                return 0;
        if (m->value.kind == JSON_NUMBER || timestamp_parse(t->data, t->size, &us) != 0)
                if (timestamp_parse_epoch(t->data, t->size, &us) != 0)
                        return 0;
        return MAX(us, 0);
}

static void refuse_part(struct part *part, const struct adapter *a, size_t number, const char *what,
                        const char *why)
{
        part->verdict = VERDICT_INVALID;
        problem_set(&part->problem, part->offset,
                    "adapter \"%s\", event %zu of the message: \"%s\" %s", a->id, number + 1, what,
                    why);
}

/* Take a mapped text over into the part. */
static int take_text(struct judge *j, const struct mapped *m, struct text *ret)
{
        if (!m->present)
                return 0;
        return arena_text(&j->frame_arena, m->value.text.data, m->value.text.size, ret);
}

static int map_envelope(struct hearing *h, const struct fan *f, size_t i, struct view *plain)
{
        static const char *const NAMES[] = {[PATH_SOURCE] = "source",
                                            [PATH_ID] = "id",
                                            [PATH_TYPE] = "type",
                                            [PATH_SUBJECT] = "subject"};
        struct judge *j = h->judge;
        struct mapped *envelope = j->applier.view.envelope;
        struct part *part = &j->parts[i];
        struct text *texts[] = {[PATH_SOURCE] = &part->source,
                                [PATH_ID] = NULL,
                                [PATH_TYPE] = &part->type,
                                [PATH_SUBJECT] = &part->subject};
        int r;

        for (unsigned e = 0; e < PATH_ENVELOPE_MAX; e++) {
                r = mapping_find(&f->adapter->envelope[e], plain, true, &envelope[e]);
                if (r < 0)
                        return r;
                if (e >= ARRAY_LEN(texts) || !texts[e])
                        continue;
                if (!envelope[e].present && e != PATH_SUBJECT)
                        refuse_part(part, f->adapter, i, NAMES[e], "finds nothing in it");
                else if (envelope[e].present && envelope[e].value.text.size > LIMIT_ENVELOPE_BYTES)
                        refuse_part(part, f->adapter, i, NAMES[e], "is longer than 1,024 bytes");
                else
                        r = take_text(j, &envelope[e], texts[e]);
                if (r < 0)
                        return r;
        }
        part->observed_us = read_time(&envelope[PATH_TIME]);
        part->first_seen_us = read_time(&envelope[PATH_FIRST_SEEN]);
        return 0;
}

static void add_request_id(const struct delivery *from, struct buffer *b)
{
        bool plain = true;

        if (from->request_id.size < LIMIT_REQUEST_ID_SAFE) {
                buffer_printf(b, "~%016llx", (unsigned long long) from->unique);
                return;
        }
        for (size_t i = 0; i < from->request_id.size; i++) {
                unsigned char c = (unsigned char) from->request_id.data[i];

                plain = plain && c > 0x20 && c < 0x7F;
        }
        if (plain)
                buffer_add(b, from->request_id.data, from->request_id.size);
        else
                buffer_add_hex(b, from->request_id.data, from->request_id.size);
}

/* The tool's own number, if all of it is there. */
static int add_delivery(const struct adapter *a, struct view *plain, struct buffer *b)
{
        for (unsigned i = 0; i < a->n_delivery; i++) {
                struct value value;
                int r;

                r = place_find(&a->delivery[i], plain, &value);
                if (r < 0)
                        return r;
                if (r > 0 || value.kind == JSON_NULL || value.kind == JSON_ARRAY ||
                    value.kind == JSON_OBJECT || value.text.size == 0) {
                        buffer_clear(b);
                        return 0;
                }
                if (i > 0)
                        buffer_add_char(b, '/');
                buffer_add(b, value.text.data, value.text.size);
        }
        return 0;
}

static int identify(struct hearing *h, const struct fan *f, size_t i, struct view *plain)
{
        cleanup_(buffer_done) struct buffer id = BUFFER_NULL;
        const struct hash *bytes = f->received ? &f->received[i] : NULL;
        struct part *part = &h->judge->parts[i];
        int r;

        r = add_delivery(f->adapter, plain, &id);
        if (r < 0)
                return r;
        if (id.size == 0) {
                bytes = &h->judge->result.body_hash;
                buffer_printf(&id, "%s/", h->from->peer);
                add_request_id(h->from, &id);
                buffer_printf(&id, "/%u/%zu", h->from->frame_index, i);
        }
        if (buffer_status(&id) < 0)
                return -ENOMEM;
        if (id.size > LIMIT_ENVELOPE_BYTES) {
                refuse_part(part, f->adapter, i, "delivery", "is longer than 1,024 bytes");
                return 0;
        }
        r = arena_text(&h->judge->frame_arena, id.data, id.size, &part->id);
        if (r < 0)
                return r;
        h->judge->applier.view.envelope[PATH_ID] =
                (struct mapped){true, {.kind = JSON_STRING, .text = part->id, .node = NODE_NONE}};
        buffer_add_char(&id, '#');
        buffer_add_hex(&id, bytes->bytes, HASH_BYTES);
        event_key_make(part->source.data ? part->source.data : "", part->source.size, id.data,
                       id.size, part->key);
        return buffer_status(&id);
}

static int judge_part(struct hearing *h, struct fan *f, size_t i)
{
        struct judge *j = h->judge;
        struct view *v = &j->applier.view;
        struct part *part = &j->parts[i];
        struct view plain = {
                .tape = &j->tape,
                .element = f->elements[i],
                .frame_arena = &j->frame_arena,
                .part_arena = &j->part_arena,
                .whole = &j->applier.whole,
        };
        uint32_t parent = v->parent;
        const char *slice;
        size_t size;
        int r;

        arena_clear(&j->part_arena);
        json_slice(&j->tape, f->elements[i], &slice, &size);
        part->offset = f->adapter->each ? (uint32_t) (slice - j->tape.text) : 0;
        part->size = (uint32_t) (f->adapter->each ? size : j->tape.size);
        part->verdict = VERDICT_MAX;
        v->element = f->elements[i];
        v->parent = find_parent(&j->tape, f, f->elements[i]);
        v->part_stamp = ++j->stamp;
        if (i == 0 || v->parent != parent)
                v->parent_stamp = ++j->stamp;
        r = map_envelope(h, f, i, &plain);
        if (r == 0)
                r = identify(h, f, i, &plain);
        for (unsigned n = 0; r == 0 && n < f->adapter->n_fields; n++)
                r = mapping_find(&f->adapter->fields[n], &plain, false, &v->fields[n]);
        if (r < 0 || part->verdict == VERDICT_INVALID || part_forbidden(part, h->from))
                return r;
        return apply_rules(&j->applier, h->rules, f->adapter->id, part);
}

static int prepare_view(struct judge *j, const struct adapter *a)
{
        struct view *v = &j->applier.view;

        if (a->n_fields > j->n_fields) {
                struct mapped *fields = reallocarray(j->fields, a->n_fields, sizeof(*fields));

                if (!fields)
                        return -ENOMEM;
                j->fields = fields;
                j->n_fields = a->n_fields;
        }
        v->adapted = true;
        j->applier.whole.tape = &j->tape;
        j->applier.whole.part_stamp = ++j->stamp;
        v->fields = j->fields;
        v->field_names = a->field_names;
        v->n_fields = a->n_fields;
        return 0;
}

int judge_adapted(struct hearing *h, const struct adapter *a)
{
        struct fan f = {.adapter = a, .list = NODE_NONE, .parent = NODE_NONE};
        struct judge *j = h->judge;
        int r;

        r = fan_out(h, &f);
        if (r < 0 || j->result.verdict != VERDICT_MAX)
                return r;
        r = hash_received(h, &f);
        if (r == 0)
                r = redact(h, &f);
        if (r == 0)
                r = prepare_view(j, a);
        if (r == 0)
                r = judge_parts(j, f.n);
        for (size_t i = 0; r == 0 && i < f.n; i++)
                r = judge_part(h, &f, i);
        return r;
}
