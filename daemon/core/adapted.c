/* An adapter's events: fan-out, redaction, envelope and identity of each part, then the rules.
 * Identities (SEMANTICS section 1): the delivery, "peer/request-id/frame/part", or the number that
 * the tool itself gave; the key also takes the bytes in, so that other bytes are another event. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/hearing.h"
#include "daemon/core/moment.h"
#include "daemon/core/show.h"
#include "proto/base/limits.h"

struct fan { /* the parts of the frame, before and after redaction */
        const struct adapter *adapter;
        struct elements elements;
        struct hash *received; /* of each element as received, where the tool numbers deliveries */
        uint32_t message;      /* the frame, or the data of the CloudEvent around it */
        const bool *hits;      /* which redactions took something, as redactions_apply tells; NULL:
                                  none */
        bool hits_differ;      /* each element has a row; else the first row is everybody's */
        uint32_t document;     /* of the message, in which the element looked at last stands */
        struct way way;        /* to that element */
        const struct opening *opening; /* in which it stood */
};

static void complain_shape(struct judge *j, const struct adapter *a)
{
        char lists[PROBLEM_TEXT_MAX / 2] = "";

        for (unsigned i = 0; i < a->n_each; i++) {
                const struct list *l = &a->each[i];
                size_t n = strlen(lists);

                (void) snprintf(lists + n, sizeof(lists) - n, "%s%s%s%s", i > 0 ? " or " : "",
                                l->path->pointer.text,
                                l->text ? " of the JSON in the text at " : "",
                                l->text ? l->text->pointer.text : "");
        }
        j->result.verdict = VERDICT_INVALID;
        problem_set(&j->result.problem, 0,
                    "adapter \"%s\" takes its events from %s, and the message has nothing "
                    "there; was it sent with the right adapter?",
                    a->id, lists);
}

static void refuse_size(struct judge *j, unsigned most, const char *what)
{
        j->result.verdict = VERDICT_TOO_BIG;
        problem_set(&j->result.problem, 0, "the message holds more than %u %s; send it in pieces",
                    most, what);
}

static int find_events(struct hearing *h, struct fan *f)
{
        struct judge *j = h->judge;
        int r;

        f->elements = (struct elements){.n = 0};
        f->message = scene_frame(&j->scene, &j->tape, j->applier.view.frame_stamp);
        f->document = json_first_document(&j->tape, f->message);
        r = openings_make(&j->openings, f->adapter, &j->tape, f->message);
        if (r == OPENING_E_MANY) {
                refuse_size(j, OPENINGS_MAX, "texts with lists of events");
                return 0;
        }
        if (r == 0)
                r = fan_out(f->adapter, &j->tape, &j->openings, f->message, &j->frame_arena,
                            &f->elements);
        if (r < 0)
                return r;
        if (r == FAN_OUT_E_SHAPE)
                complain_shape(j, f->adapter);
        else if (f->elements.n > LIMIT_FAN_OUT)
                refuse_size(j, LIMIT_FAN_OUT, "events");
        return 0;
}

static int hash_received(struct hearing *h, struct fan *f)
{
        struct judge *j = h->judge;

        if (f->adapter->n_delivery == 0)
                return 0;
        f->received = arena_array(&j->frame_arena, f->elements.n + 1U, sizeof(*f->received));
        if (!f->received)
                return -ENOMEM;
        for (uint32_t i = 0; i < f->elements.n; i++) {
                const char *slice;
                size_t size;

                json_slice(&j->tape, f->elements.items[i], &slice, &size);
                hash_of(slice, size, &f->received[i]);
        }
        return 0;
}

/* The entries that took something, by the rows of hits that count. */
static int list_redacted(struct judge *j, const struct redactions *list, const bool *shared,
                         const bool *own, struct text *ret)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;

        for (unsigned i = 0; i < list->n; i++)
                if (shared[i] || own[i]) {
                        buffer_add_char(&b, b.size > 0 ? ',' : '[');
                        buffer_add_json_cstr(&b, list->items[i].text);
                }
        if (b.size == 0)
                return 0;
        buffer_add_char(&b, ']');
        if (buffer_status(&b) < 0)
                return -ENOMEM;
        return arena_text(&j->frame_arena, b.data, b.size, ret);
}

/* Of the whole message, beside which each part has its own. Where redaction left other events than
 * there were, nobody can say whose it was: then it is everybody's. */
static int list_all_redacted(struct judge *j, struct fan *f, uint32_t n_before)
{
        unsigned n = f->adapter->redact.n;
        bool *all;

        all = arena_array(&j->frame_arena, n, sizeof(*all));
        if (!all)
                return -ENOMEM;
        for (size_t i = 0; i < (size_t) n * (n_before + 1U); i++)
                all[i % n] |= f->hits[i];
        if (f->elements.n != n_before) {
                f->hits = all;
                f->hits_differ = false;
        }
        return list_redacted(j, &f->adapter->redact, all, all, &j->result.redacted);
}

/* What was taken out of this part; of neighbours it is mostly the same. */
static int list_part_redacted(struct judge *j, const struct fan *f, size_t i)
{
        unsigned n = f->adapter->redact.n;
        const bool *own = f->hits;

        if (!own)
                return 0;
        if (f->hits_differ)
                own += (i + 1) * n;
        if (i > 0 && (!f->hits_differ || memcmp(own - n, own, n * sizeof(*own)) == 0)) {
                j->parts[i].redacted = j->parts[i - 1].redacted;
                return 0;
        }
        return list_redacted(j, &f->adapter->redact, f->hits, own, &j->parts[i].redacted);
}

static int redact(struct hearing *h, struct fan *f)
{
        struct judge *j = h->judge;
        const struct message m = {&j->tape, f->message, &f->elements, &j->openings};
        uint32_t n_before = f->elements.n;
        bool *hits;
        int r;

        if (f->adapter->redact.n == 0)
                return 0;
        buffer_clear(&j->body);
        r = redactions_apply(&f->adapter->redact, &m, &j->frame_arena, &hits, &j->body);
        if (r < 0 || j->body.size == 0)
                return r;
        r = json_tape_parse_lines(&j->tape, j->body.data, j->body.size, &j->result.problem);
        if (r != 0)
                return r < 0 ? r : -ENOTRECOVERABLE;
        j->result.body = (struct text){j->body.data, j->body.size};
        r = find_events(h, f);
        if (r < 0 || j->result.verdict != VERDICT_MAX)
                return r;
        f->hits = hits;
        f->hits_differ = true;
        return list_all_redacted(j, f, n_before);
}

static uint32_t holder(const struct way *w)
{
        return w->depth > 0 ? w->steps[w->depth - 1].container : NODE_NONE;
}

/* Of a message of lines: what is found in a document stays true for that one. */
static void enter_document(struct judge *j, struct fan *f, uint32_t node)
{
        const struct json_tape *t = &j->tape;
        struct view *v = &j->applier.view;

        if (node < f->document) /* behind one that stood in a text, and so behind all others */
                f->document = json_first_document(t, f->message);
        while (t->nodes[f->document].next <= node)
                f->document = t->nodes[f->document].next;
        if (v->message == f->document)
                return;
        v->message = f->document;
        v->frame_stamp = ++j->stamp;
        scene_document(&j->scene, f->document, v->frame_stamp);
}

/* The objects around the element, from the inside out, for the scene, and those around the text
 * that it came in; what holds the list that the element is in comes back (NODE_NONE: nothing).
 * *same: as of the element before. */
static uint32_t look_around(struct judge *j, struct fan *f, uint32_t element, bool *same)
{
        const struct opening *opening = opening_of(&j->openings, &j->tape, element);
        uint32_t before = holder(&f->way), list, outside;
        const struct json_tape *t = &j->tape;
        struct scene *s = &j->scene;

        enter_document(j, f, opening ? opening->text : element);
        way_find(&f->way, t, opening ? opening->root : f->document, element);
        list = holder(&f->way);
        *same = list == before && opening == f->opening;
        f->opening = opening;
        s->n_around = way_objects(&f->way, t, s->around);
        for (unsigned i = 0; opening && i < opening->n_around; i++)
                s->around[s->n_around++] = opening->around[i];
        if (list != NODE_NONE && t->nodes[list].kind == JSON_OBJECT)
                return list; /* an object that counts as a list of itself */
        outside = opening && opening->n_around > 0 ? opening->around[0] : NODE_NONE;
        return f->way.depth > 1 ? f->way.steps[f->way.depth - 2].container : outside;
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

static enum wanted wanted_of(enum path_head head)
{
        if (head == PATH_TIME)
                return WANTED_MOMENT;
        return head == PATH_FIRST_SEEN ? WANTED_DATE : WANTED_TEXT;
}

static int map_envelope(struct hearing *h, const struct fan *f, size_t i)
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
                r = mapping_find(&f->adapter->envelope[e], &j->scene, wanted_of(e), &envelope[e]);
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
        if (envelope[PATH_TIME].present)
                part->observed_us = moment_of(&envelope[PATH_TIME].value, false);
        if (envelope[PATH_FIRST_SEEN].present)
                part->first_seen_us = moment_of(&envelope[PATH_FIRST_SEEN].value, true);
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
static int add_delivery(const struct adapter *a, struct scene *s, struct buffer *b)
{
        for (unsigned i = 0; i < a->n_delivery; i++) {
                struct value value;
                int r;

                r = place_find(&a->delivery[i], s, &value);
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

static int identify(struct hearing *h, const struct fan *f, size_t i)
{
        cleanup_(buffer_done) struct buffer id = BUFFER_NULL;
        const struct hash *bytes = f->received ? &f->received[i] : NULL;
        struct part *part = &h->judge->parts[i];
        int r;

        r = add_delivery(f->adapter, &h->judge->scene, &id);
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

/* Which bytes of what is stored the event is. */
static void place_part(struct judge *j, const struct fan *f, struct part *part, uint32_t element)
{
        struct opening *opening = opening_of(&j->openings, &j->tape, element);
        size_t offset = 0, size = j->tape.size;
        const char *slice;

        if (opening) {
                opening_place(opening, &j->tape, element, &offset, &size);
        } else if (f->adapter->n_each > 0 || j->tape.lines) {
                json_slice(&j->tape, element, &slice, &size);
                offset = (size_t) (slice - j->tape.text);
        }
        part->offset = (uint32_t) offset;
        part->size = (uint32_t) size;
}

static void point_at_part(struct judge *j, struct fan *f, size_t i)
{
        struct view *v = &j->applier.view;
        struct part *part = &j->parts[i];
        bool same;

        arena_clear(&j->part_arena);
        part->verdict = VERDICT_MAX;
        v->element = f->elements.items[i];
        v->part_stamp = ++j->stamp;
        v->parent = look_around(j, f, f->elements.items[i], &same);
        place_part(j, f, part, v->element);
        if (i == 0 || !same)
                v->parent_stamp = ++j->stamp;
        j->scene.element.element = f->elements.items[i];
        j->scene.element.part_stamp = v->part_stamp;
        j->scene.above.part_stamp = v->parent_stamp;
}

static int judge_part(struct hearing *h, struct fan *f, size_t i)
{
        struct judge *j = h->judge;
        struct view *v = &j->applier.view;
        struct part *part = &j->parts[i];
        int r;

        point_at_part(j, f, i);
        r = list_part_redacted(j, f, i);
        if (r == 0)
                r = map_envelope(h, f, i);
        if (r == 0)
                r = identify(h, f, i);
        for (unsigned n = 0; r == 0 && n < f->adapter->n_fields; n++)
                r = mapping_find(&f->adapter->fields[n], &j->scene, WANTED_ANY, &v->fields[n]);
        if (r == 0 && j->shows)
                r = show_fields(j, part);
        if (r < 0 || part->verdict == VERDICT_INVALID || part_forbidden(part, h->from))
                return r;
        return apply_rules(&j->applier, h->rules, f->adapter->id, part);
}

static int prepare_view(struct judge *j, const struct fan *f)
{
        const struct adapter *a = f->adapter;
        struct view *v = &j->applier.view;

        if (a->n_fields > j->n_fields) {
                struct mapped *fields = reallocarray(j->fields, a->n_fields, sizeof(*fields));

                if (!fields)
                        return -ENOMEM;
                j->fields = fields;
                j->n_fields = a->n_fields;
        }
        v->adapted = true;
        v->message = f->message;
        v->wrapped = j->scene.wrapped;
        v->fields = j->fields;
        v->field_names = a->field_names;
        v->n_fields = a->n_fields;
        return 0;
}

int judge_adapted(struct hearing *h, const struct adapter *a)
{
        struct fan f = {.adapter = a};
        struct judge *j = h->judge;
        int r;

        r = find_events(h, &f);
        if (r < 0 || j->result.verdict != VERDICT_MAX)
                return r;
        r = hash_received(h, &f);
        if (r == 0)
                r = redact(h, &f);
        if (r < 0 || j->result.verdict != VERDICT_MAX) /* redaction took the events themselves */
                return r;
        r = prepare_view(j, &f);
        if (r == 0)
                r = judge_parts(j, f.elements.n);
        for (size_t i = 0; r == 0 && i < f.elements.n; i++)
                r = judge_part(h, &f, i);
        return r;
}
