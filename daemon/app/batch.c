/* Filling: judgement to columns. What the register must not see (refused, or no rule matched) goes
 * beside it as "aside"; noise goes nowhere. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "daemon/app/batch.h"
#include "daemon/app/clock.h"
#include "proto/base/utf8.h"

int batch_new(struct batch **ret)
{
        struct batch *b = calloc(1, sizeof(*b));

        if (!b)
                return -ENOMEM;
        *ret = b;
        return 0;
}

struct batch *batch_free(struct batch *b)
{
        if (!b)
                return NULL;
        ruleset_unref(b->rules);
        ingest_batch_done(&b->wire);
        buffer_done(&b->texts);
        buffer_done(&b->reply);
        json_tape_done(&b->tape);
        free(b->frames);
        free(b->parts);
        free(b);
        return NULL;
}

void batch_free_p(struct batch **b)
{
        *b = batch_free(*b);
}

void batch_clear(struct batch *b)
{
        ingest_batch_clear(&b->wire);
        buffer_clear(&b->texts);
        b->rules = ruleset_unref(b->rules);
        b->first = b->last = NULL;
        b->n_frames = b->n_parts = 0;
        b->bytes = 0;
        b->attempts = 0;
        b->careful = b->again = b->ended = false;
        b->next = NULL;
}

static struct batch_frame *frame_push(struct batch *b)
{
        if (b->n_frames == b->n_frames_allocated) {
                size_t n = MAX(512U, b->n_frames_allocated * 2);
                struct batch_frame *frames = realloc(b->frames, n * sizeof(*frames));

                if (!frames)
                        return NULL;
                b->frames = frames;
                b->n_frames_allocated = n;
        }
        return &b->frames[b->n_frames++];
}

static struct batch_part *part_push(struct batch *b)
{
        if (b->n_parts == b->n_parts_allocated) {
                size_t n = MAX(512U, b->n_parts_allocated * 2);
                struct batch_part *parts = realloc(b->parts, n * sizeof(*parts));

                if (!parts)
                        return NULL;
                b->parts = parts;
                b->n_parts_allocated = n;
        }
        return &b->parts[b->n_parts++];
}

static size_t keep_text(struct batch *b, const char *text)
{
        size_t at;

        if (b->texts.size == 0)
                buffer_add_char(&b->texts, '\0'); /* offset 0 means: no reason */
        at = b->texts.size;
        buffer_add(&b->texts, text, strlen(text) + 1);
        return at;
}

static struct frame frame_of(const struct text *t)
{
        return (struct frame){.data = t->data, .size = t->size};
}

static int add_cases(struct batch *b, const struct judgement *j, const struct part *p)
{
        static const char *const EFFECTS[] = {
                [EFFECT_FAIL] = "fail", [EFFECT_PASS] = "pass", [EFFECT_MISSING] = "begin"};

        for (unsigned i = 0; i < p->n_matches; i++) {
                const struct match *m = &j->matches[p->first_match + i];
                struct ingest_case c = {
                        .rule = m->rule,
                        .effect = EFFECTS[m->effect],
                        .fingerprint = &m->fingerprint,
                        .was = m->was,
                        .n_was = m->n_was,
                        .grade = m->grade,
                        .title = frame_of(&m->title),
                        .found = frame_of(&m->found),
                        .asset = frame_of(&m->asset),
                        .subject = frame_of(&m->subject),
                        .by = m->has_by ? &m->by : NULL,
                        .value = m->has_value ? &m->value : NULL,
                        .step = m->step,
                        .grows = m->grows,
                        .controls = frame_of(m->takes_controls ? &m->controls : &TEXT_NULL),
                };
                int r = ingest_add_case(&b->wire, &c);

                if (r < 0)
                        return r;
        }
        return 0;
}

static int add_part(struct batch *b, const struct judgement *j, const struct part *p)
{
        struct batch_part *part = part_push(b);
        struct ingest_event e = {
                .key = p->key,
                .body_hash = &j->body_hash,
                .offset = p->offset,
                .size = p->size,
                .source = frame_of(&p->source),
                .id = frame_of(&p->id),
                .type = frame_of(&p->type),
                .subject = frame_of(&p->subject),
                .adapter = j->adapter,
                .redacted = frame_of(&p->redacted),
                .observed_us = p->observed_us,
                .first_seen_us = p->first_seen_us,
        };
        int r;

        if (!part)
                return -ENOMEM;
        *part = (struct batch_part){.verdict = p->verdict, .event = -1};
        if (p->verdict != VERDICT_STORED && p->verdict != VERDICT_IGNORED)
                part->why = keep_text(b, p->problem.text);
        if (p->counted_only)
                return 0;
        if (p->verdict != VERDICT_STORED) {
                e.aside = verdict_name(p->verdict);
                e.why = p->verdict == VERDICT_IGNORED ? NULL : p->problem.text;
        }
        part->event = b->wire.n_rows;
        r = ingest_add(&b->wire, &e);
        if (r == 0 && p->verdict == VERDICT_STORED)
                r = add_cases(b, j, p);
        return r;
}

/* A frame that is refused before it has parts: kept with its bytes and the reason. */
static int add_refused(struct batch *b, const struct judgement *j, const struct frame *body,
                       struct batch_frame *f)
{
        static const uint8_t no_key[KEY_BYTES];
        struct ingest_event e = {.key = no_key,
                                 .body_hash = &j->body_hash,
                                 .size = body->size,
                                 .adapter = j->adapter,
                                 .redacted = frame_of(&j->redacted),
                                 .aside = verdict_name(j->verdict),
                                 .why = j->problem.text};

        f->event = b->wire.n_rows;
        f->why = keep_text(b, j->problem.text);
        ingest_frame(&b->wire, body, false);
        return ingest_add(&b->wire, &e);
}

static bool needs_bytes(const struct judgement *j)
{
        for (size_t i = 0; i < j->n_parts; i++)
                if (!j->parts[i].counted_only)
                        return true;
        return false;
}

/* The register decides (capa.observed); here is only noticed whose clock somebody has to look at.
 */
static void notice_clock(const struct part *p, struct odd_clock *odd)
{
        static const int64_t AHEAD_US = 300 * INT64_C(1000000), BACK_US = 604800 * INT64_C(1000000);
        int64_t now = clock_wall_us();

        if (p->observed_us == 0 ||
            (p->observed_us <= now + AHEAD_US && p->observed_us >= now - BACK_US))
                return;
        odd->n++;
        odd->seen_us = clock_us();
        odd->told_us = p->observed_us;
        (void) snprintf(odd->source, sizeof(odd->source), "%.*s",
                        (int) utf8_cut(p->source.data, p->source.size, sizeof(odd->source) - 1),
                        p->source.data ? p->source.data : "");
}

static int add_frame(struct batch *b, const struct judgement *j, const struct frame *event,
                     struct batch_counters *counters)
{
        struct batch_frame *f = frame_push(b);
        struct frame body = j->body.data ? frame_of(&j->body) : *event;
        int r = 0;

        if (!f)
                return -ENOMEM;
        *f = (struct batch_frame){.verdict = j->verdict,
                                  .first_part = (unsigned) b->n_parts,
                                  .n_parts = (unsigned) j->n_parts,
                                  .event = -1};
        if (j->verdict != VERDICT_MAX) {
                f->n_parts = 0;
                counters->received++;
                return add_refused(b, j, &body, f);
        }
        if (needs_bytes(j))
                ingest_frame(&b->wire, &body,
                             j->n_parts > 1 || (j->n_parts == 1 && j->parts[0].size != body.size));
        for (size_t i = 0; r == 0 && i < j->n_parts; i++) {
                counters->received++;
                counters->noise += j->parts[i].counted_only;
                counters->unknown += j->parts[i].n_unknown;
                notice_clock(&j->parts[i], &counters->odd_clock);
                r = add_part(b, j, &j->parts[i]);
        }
        return r;
}

int batch_add(struct batch *b, struct judge *judge, struct request *r, uint64_t *unique,
              struct batch_counters *counters)
{
        if (!b->first)
                b->opened_us = r->received_us;
        if (b->last)
                b->last->next = r;
        else
                b->first = r;
        b->last = r;
        r->next = NULL;
        b->bytes += r->bytes;
        b->wire.subscription = r->subscription;
        for (size_t i = 0; i < r->n_events; i++) {
                struct delivery from = {.adapter = r->adapter,
                                        .peer = r->peer,
                                        .request_id = r->id,
                                        .unique = (*unique)++,
                                        .frame_index = (unsigned) i,
                                        .own = r->own,
                                        .sources = r->sources};
                const struct judgement *j;
                int result;

                result = judge_frame(judge, b->rules, &from, &r->events[i], &j);
                if (result == 0)
                        result = add_frame(b, j, &r->events[i], counters);
                if (result < 0)
                        return result;
        }
        return buffer_status(&b->texts);
}

void batch_answer_all(struct batch *b, enum outcome outcome, const char *body, size_t size)
{
        for (struct request *r = b->first, *next; r; r = next) {
                next = r->next;
                r->reply(r, outcome, body, size);
        }
        b->first = b->last = NULL;
        b->ended = true;
}
