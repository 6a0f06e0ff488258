/* Shows a judged frame: the envelope and fields of each event, what was redacted, and which rules
 * matched. */
#include "daemon/core/show.h"

#include <errno.h>
#include <string.h>

#include "daemon/core/hearing.h"
#include "proto/wire/timestamp.h"

#define SHOWN_BYTES 1000U /* of a text */

static void add_text(struct buffer *b, const char *key, const struct text *t)
{
        struct text head;

        buffer_printf(b, "\"%s\":", key);
        if (t->data) {
                head = text_head(t, SHOWN_BYTES);
                buffer_add_json_string(b, head.data, head.size);
        } else {
                buffer_add_str(b, "null");
        }
}

static void add_string(struct buffer *b, const char *key, const char *s)
{
        buffer_printf(b, "\"%s\":", key);
        buffer_add_json_cstr(b, s && *s ? s : NULL);
}

static void add_time(struct buffer *b, const char *key, int64_t us)
{
        char text[TIMESTAMP_MAX] = "";

        if (us > 0)
                timestamp_format(us, text, sizeof(text));
        add_string(b, key, text);
}

static void add_value(struct buffer *b, const struct json_tape *t, const struct value *v)
{
        const char *slice;
        struct text head;
        size_t size;

        switch (v->kind) {
        case JSON_STRING:
                head = text_head(&v->text, SHOWN_BYTES);
                buffer_add_json_string(b, head.data, head.size);
                break;
        case JSON_ARRAY:
        case JSON_OBJECT:
                json_slice(t, v->node, &slice, &size);
                if (size <= SHOWN_BYTES)
                        buffer_add(b, slice, size);
                else
                        buffer_printf(b, "\"(%zu bytes of JSON)\"", size);
                break;
        case JSON_NULL:
        case JSON_FALSE:
        case JSON_TRUE:
        case JSON_NUMBER:
        default:
                buffer_add(b, v->text.data, v->text.size);
                break;
        }
}

int show_fields(struct judge *j, struct part *part)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        const struct view *v = &j->applier.view;

        buffer_add_char(&b, '{');
        for (unsigned i = 0; i < v->n_fields; i++) {
                if (i > 0)
                        buffer_add_char(&b, ',');
                buffer_add_json_cstr(&b, v->field_names[i]);
                buffer_add_char(&b, ':');
                if (v->fields[i].present)
                        add_value(&b, v->tape, &v->fields[i].value);
                else
                        buffer_add_str(&b, "null");
        }
        buffer_add_char(&b, '}');
        if (buffer_status(&b) < 0)
                return -ENOMEM;
        return arena_text(&j->frame_arena, b.data, b.size, &part->fields);
}

static void add_match(struct buffer *b, const struct ruleset *rules, const struct match *m)
{
        char hex[2 * HASH_BYTES + 1];
        bool pass = m->effect == EFFECT_PASS;

        hash_hex(&m->fingerprint, hex);
        buffer_add_char(b, '{');
        add_string(b, "rule", ruleset_rule_id(rules, m->matched));
        buffer_printf(b, ",\"effect\":\"%s\",", effect_name(m->effect));
        add_string(b, "clears", pass ? ruleset_rule_id(rules, m->rule) : NULL);
        buffer_add_char(b, ',');
        add_string(b, "grade", m->grade);
        buffer_add_char(b, ',');
        add_text(b, "title", &m->title);
        buffer_add_char(b, ',');
        add_text(b, "statement", &m->found);
        buffer_add_char(b, ',');
        add_text(b, "asset", &m->asset);
        buffer_add_str(b, ",\"controls\":");
        buffer_add(b, m->controls.data, m->controls.size);
        buffer_printf(b, ",\"fingerprint\":\"%s\"}", hex);
}

static void add_part(struct buffer *b, const struct ruleset *rules, const struct judgement *j,
                     const struct part *p)
{
        buffer_printf(b, "{\"status\":\"%s\",", verdict_name(p->verdict));
        add_string(b, "error", p->problem.text);
        buffer_add_char(b, ',');
        add_text(b, "source", &p->source);
        buffer_add_char(b, ',');
        add_text(b, "type", &p->type);
        buffer_add_char(b, ',');
        add_text(b, "subject", &p->subject);
        buffer_add_char(b, ',');
        add_text(b, "id", &p->id);
        buffer_add_char(b, ',');
        add_time(b, "time", p->observed_us);
        buffer_add_char(b, ',');
        add_time(b, "first_seen", p->first_seen_us);
        buffer_printf(b, ",\"from\":%u,\"bytes\":%u,\"counted_only\":%s,\"fields\":", p->offset,
                      p->size, p->counted_only ? "true" : "false");
        buffer_add(b, p->fields.data ? p->fields.data : "{}", p->fields.data ? p->fields.size : 2);
        buffer_add_str(b, ",\"redacted\":");
        buffer_add(b, p->redacted.data ? p->redacted.data : "[]",
                   p->redacted.data ? p->redacted.size : 2);
        buffer_add_str(b, ",\"matches\":[");
        for (unsigned i = 0; i < p->n_matches; i++) {
                if (i > 0)
                        buffer_add_char(b, ',');
                add_match(b, rules, &j->matches[p->first_match + i]);
        }
        buffer_add_str(b, "]}");
}

int judge_show(struct judge *j, const struct ruleset *rules, const struct delivery *from,
               const struct frame *event, struct buffer *b)
{
        const struct judgement *result;
        int r;

        j->shows = true;
        r = judge_frame(j, rules, from, event, &result);
        j->shows = false;
        if (r < 0)
                return r;
        buffer_add_char(b, '{');
        add_string(b, "status",
                   result->verdict == VERDICT_MAX ? NULL : verdict_name(result->verdict));
        buffer_add_char(b, ',');
        add_string(b, "error", result->verdict == VERDICT_MAX ? NULL : result->problem.text);
        buffer_add_str(b, ",\"redacted\":");
        buffer_add(b, result->redacted.data ? result->redacted.data : "[]",
                   result->redacted.data ? result->redacted.size : 2);
        buffer_add_str(b, ",\"stored\":");
        if (result->redacted.data)
                buffer_add_json_string(b, result->body.data, result->body.size);
        else
                buffer_add_str(b, "null");
        buffer_add_str(b, ",\"parts\":[");
        for (size_t i = 0; i < result->n_parts; i++) {
                if (i > 0)
                        buffer_add_char(b, ',');
                add_part(b, rules, result, &result->parts[i]);
        }
        buffer_add_str(b, "]}");
        return buffer_status(b);
}
