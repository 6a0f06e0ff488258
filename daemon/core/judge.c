/* The way of one frame: size, JSON, envelope, rules. */
#include "daemon/core/judge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/core/hearing.h"
#include "proto/base/limits.h"
#include "proto/wire/cloudevent.h"
#include "proto/wire/timestamp.h"

int judge_new(struct judge **ret)
{
        struct judge *j;

        j = calloc(1, sizeof(*j));
        if (!j)
                return -ENOMEM;
        j->applier.arena = &j->frame_arena;
        j->applier.view.frame_arena = &j->frame_arena;
        j->applier.view.part_arena = &j->part_arena;
        scene_begin(&j->scene, &j->frame_arena, &j->part_arena);
        *ret = j;
        return 0;
}

struct judge *judge_free(struct judge *j)
{
        if (!j)
                return NULL;
        applier_done(&j->applier);
        scene_done(&j->scene);
        json_tape_done(&j->tape);
        arena_done(&j->frame_arena);
        arena_done(&j->part_arena);
        buffer_done(&j->body);
        openings_done(&j->openings);
        free(j->fields);
        free(j->parts);
        free(j);
        return NULL;
}

void judge_free_p(struct judge **j)
{
        *j = judge_free(*j);
}

static void judge_reset(struct judge *j, const struct frame *event)
{
        arena_clear(&j->frame_arena);
        arena_clear(&j->part_arena);
        j->applier.n_matches = 0;
        j->result.verdict = VERDICT_MAX;
        j->result.problem.offset = 0;
        j->result.problem.text[0] = '\0';
        j->result.adapter = "";
        j->result.body = (struct text){event->data, event->size};
        j->result.redacted = TEXT_NULL;
        j->result.n_parts = 0;
        j->applier.view.frame_stamp = ++j->stamp;
}

int judge_parts(struct judge *j, size_t n)
{
        if (n > j->n_allocated) {
                struct part *parts = reallocarray(j->parts, n, sizeof(*parts));

                if (!parts)
                        return -ENOMEM;
                j->parts = parts;
                j->n_allocated = n;
        }
        for (size_t i = 0; i < n; i++) {
                struct part *p = &j->parts[i];

                memset(p, 0, offsetof(struct part, problem));
                p->problem.offset = 0;
                p->problem.text[0] = '\0';
        }
        j->result.n_parts = n;
        return 0;
}

static bool source_allowed(const struct delivery *from, const struct text *source)
{
        if (!from->sources)
                return true;
        for (const char *const *s = from->sources; *s; s++) {
                size_t n = strlen(*s);

                if (n <= source->size && memcmp(*s, source->data, n) == 0)
                        return true;
        }
        return false;
}

bool part_forbidden(struct part *part, const struct delivery *from)
{
        if (source_allowed(from, &part->source))
                return false;
        part->verdict = VERDICT_FORBIDDEN;
        problem_set(&part->problem, 0,
                    "\"%s\" may not send events of source \"%.*s\"; its prefixes are under "
                    "\"principals\" in capad.json",
                    from->peer, (int) MIN(part->source.size, (size_t) 200), part->source.data);
        return true;
}

static int cloudevent_text(struct judge *j, uint32_t node, struct text *ret)
{
        struct value value;
        int r;

        if (node == CLOUDEVENT_ABSENT)
                return 0;
        r = value_of_node(&j->tape, node, &j->frame_arena, &value);
        if (r < 0)
                return r;
        *ret = value.text;
        return 0;
}

static int cloudevent_envelope(struct judge *j, const struct cloudevent *ce, struct part *part)
{
        struct text time = TEXT_NULL;
        int r;

        r = cloudevent_text(j, ce->source, &part->source);
        if (r == 0)
                r = cloudevent_text(j, ce->id, &part->id);
        if (r == 0)
                r = cloudevent_text(j, ce->type, &part->type);
        if (r == 0)
                r = cloudevent_text(j, ce->subject, &part->subject);
        if (r == 0)
                r = cloudevent_text(j, ce->time, &time);
        if (r < 0)
                return r;
        if (time.data && (timestamp_parse(time.data, time.size, &part->observed_us) != 0 ||
                          part->observed_us < 0))
                part->observed_us = 0;
        part->size = (uint32_t) j->tape.size;
        event_key_make(part->source.data, part->source.size, part->id.data, part->id.size,
                       part->key);
        return 0;
}

static bool is_missed(const struct part *part)
{
        return part->type.size == strlen(EXPECTATION_TYPE) &&
               memcmp(part->type.data, EXPECTATION_TYPE, part->type.size) == 0;
}

static int judge_missed(struct hearing *h, struct part *part)
{
        if (h->from->own)
                return apply_missed(&h->judge->applier, h->rules, part);
        part->verdict = VERDICT_FORBIDDEN;
        problem_set(&part->problem, 0,
                    "events of type \"%s\" are the daemon's own: what did not come it sees itself; "
                    "give the event a type of its sender's",
                    EXPECTATION_TYPE);
        return 0;
}

static int judge_cloudevent(struct hearing *h)
{
        struct judge *j = h->judge;
        struct cloudevent ce;
        struct part *part;
        int r;

        r = cloudevent_read(&j->tape, &ce, &j->result.problem);
        if (r != 0) {
                j->result.verdict = VERDICT_INVALID;
                if (j->result.problem.offset > 0)
                        problem_locate(&j->result.problem, h->event->data, h->event->size);
                return MIN(r, 0);
        }
        r = judge_parts(j, 1);
        if (r < 0)
                return r;
        part = &j->parts[0];
        r = cloudevent_envelope(j, &ce, part);
        if (r < 0)
                return r;
        if (part_forbidden(part, h->from))
                return 0;
        j->applier.view.adapted = false;
        j->applier.view.element = 0;
        j->applier.view.part_stamp = ++j->stamp;
        return is_missed(part) ? judge_missed(h, part)
                               : apply_rules(&j->applier, h->rules, "", part);
}

static const struct adapter *find_adapter(const struct ruleset *rules, const struct frame *name)
{
        for (unsigned i = 0; i < rules->n_adapters; i++)
                if (strlen(rules->adapters[i].id) == name->size &&
                    memcmp(rules->adapters[i].id, name->data, name->size) == 0)
                        return &rules->adapters[i];
        return NULL;
}

static int complain_adapter(struct hearing *h)
{
        cleanup_(buffer_done) struct buffer known = BUFFER_NULL;

        for (unsigned i = 0; i < h->rules->n_adapters && known.size < 300; i++)
                buffer_printf(&known, "%s%s", i > 0 ? ", " : "", h->rules->adapters[i].id);
        if (buffer_status(&known) < 0)
                return -ENOMEM;
        h->judge->result.verdict = VERDICT_INVALID;
        problem_set(&h->judge->result.problem, 0,
                    "there is no adapter \"%.*s\"; there are: %s (and none for CloudEvents)",
                    (int) MIN(h->from->adapter.size, (size_t) 64), h->from->adapter.data,
                    known.size > 0 ? known.data : "no others");
        return 0;
}

static int judge_hear(struct hearing *h)
{
        const struct adapter *adapter = NULL;
        struct judge *j = h->judge;
        int r;

        if (h->event->size > LIMIT_EVENT_BYTES) {
                j->result.verdict = VERDICT_TOO_BIG;
                problem_set(&j->result.problem, 0, "the event has %zu bytes; the most is %lu",
                            h->event->size, LIMIT_EVENT_BYTES);
                return 0;
        }
        if (h->from->adapter.size > 0) {
                adapter = find_adapter(h->rules, &h->from->adapter);
                if (!adapter)
                        return complain_adapter(h);
                j->result.adapter = adapter->id;
        }
        r = (adapter ? json_tape_parse_lines : json_tape_parse)(&j->tape, h->event->data,
                                                                h->event->size, &j->result.problem);
        if (r != 0) {
                j->result.verdict = VERDICT_INVALID;
                problem_locate(&j->result.problem, h->event->data, h->event->size);
                return MIN(r, 0);
        }
        r = applier_prepare(&j->applier, h->rules);
        if (r == 0)
                r = scene_prepare(&j->scene, h->rules->paths.n_items);
        if (r < 0)
                return r;
        j->applier.view.tape = &j->tape;
        return adapter ? judge_adapted(h, adapter) : judge_cloudevent(h);
}

int judge_frame(struct judge *j, const struct ruleset *rules, const struct delivery *from,
                const struct frame *event, const struct judgement **ret)
{
        struct hearing h = {j, rules, from, event};
        int r;

        judge_reset(j, event);
        hash_of(event->data, event->size, &j->result.body_hash);
        r = judge_hear(&h);
        if (r < 0)
                return r;
        j->result.parts = j->parts;
        j->result.matches = j->applier.matches;
        j->result.n_matches = j->applier.n_matches;
        *ret = &j->result;
        return 0;
}

int judge_explain(struct judge *j, const struct ruleset *rules, const struct delivery *from,
                  const struct frame *event, struct buffer *b)
{
        cleanup_(buffer_done) struct buffer parts = BUFFER_NULL;
        const struct judgement *result;
        int r;

        j->applier.explanation = &parts;
        r = judge_frame(j, rules, from, event, &result);
        j->applier.explanation = NULL;
        if (r < 0 || buffer_status(&parts) < 0)
                return -ENOMEM;
        buffer_add_str(b, "{\"status\":");
        if (result->verdict == VERDICT_MAX)
                buffer_add_str(b, "null,\"error\":null");
        else
                buffer_printf(b, "\"%s\",\"error\":", verdict_name(result->verdict));
        if (result->verdict != VERDICT_MAX)
                buffer_add_json_cstr(b, result->problem.text);
        buffer_add_str(b, ",\"parts\":[");
        buffer_add(b, parts.data ? parts.data : "", parts.size);
        buffer_add_str(b, "]}");
        return buffer_status(b);
}
