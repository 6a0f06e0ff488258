/* A replay lives from its CALL to its answer: it owns the rules that it judges by, a judge, the
 * shadow of the register (one shade for each fingerprint), and sends one page's statement at a
 * time. Windows, holds, silences and storms are the register's and are not played: the answer says
 * so. */
#include "daemon/app/replay.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "daemon/app/caller.h"
#include "daemon/app/log.h"
#include "daemon/core/judge.h"
#include "daemon/core/ruleset.h"
#include "daemon/db/intern.h"
#include "proto/base/limits.h"
#include "proto/json/tape.h"
#include "proto/wire/code.h"

#define SHADES_MAX   100000U /* fingerprints of one replay; beyond it the answer says it was cut */
#define LISTED_MAX   1000U   /* of each kind in the answer */
#define MOMENT_BYTES 64
#define NOTE_SENTENCE                                                                              \
        "Counts, sequences, expected events, storms, holds and silences are not played: a rule "   \
        "that has them may raise less than this."

struct shade { /* what the register would have under one fingerprint */
        char *title, *rule, *grade;
        char first[MOMENT_BYTES], last[MOMENT_BYTES];
        uint64_t fails, passes;
        bool passing;      /* its newest event is a pass */
        bool live, before; /* the register has it; and had it before the moment */
        char ref[32];
};

struct replay {
        struct manager *manager;
        struct arrival *arrival;
        struct ruleset *rules;
        struct judge *judge;
        struct buffer principal, actor, since, text, peer;
        struct json_tape tape;
        struct intern keys; /* fingerprints */
        struct shade *shades;
        unsigned n_allocated;
        uint64_t events, judged, ignored, refused, unique;
        size_t bytes;
        bool cut;
};

static struct replay *replay_free(struct replay *r)
{
        r->manager->call_bytes -= r->bytes;
        ruleset_unref(r->rules);
        judge_free(r->judge);
        buffer_done(&r->principal);
        buffer_done(&r->actor);
        buffer_done(&r->since);
        buffer_done(&r->text);
        buffer_done(&r->peer);
        json_tape_done(&r->tape);
        for (unsigned i = 0; i < r->keys.n; i++) {
                free(r->shades[i].title);
                free(r->shades[i].rule);
                free(r->shades[i].grade);
        }
        free(r->shades);
        intern_done(&r->keys);
        free(r);
        return NULL;
}

/* The shade of a fingerprint; *ret NULL: there are too many. 0 or -ENOMEM. */
static int shade_of(struct replay *r, const void *fingerprint, struct shade **ret)
{
        unsigned number;
        bool fresh;
        int k;

        *ret = NULL;
        if (r->n_allocated == r->keys.n) {
                unsigned n = MAX(256U, 2 * r->n_allocated);
                struct shade *shades;

                if (n > 2 * SHADES_MAX) {
                        r->cut = true;
                        return 0;
                }
                shades = reallocarray(r->shades, n, sizeof(*shades));
                if (!shades)
                        return -ENOMEM;
                r->shades = shades;
                r->n_allocated = n;
        }
        k = intern_number(&r->keys, fingerprint, HASH_BYTES, &number, &fresh);
        if (k < 0)
                return k;
        if (fresh)
                r->shades[number] = (struct shade){0};
        *ret = &r->shades[number];
        return 0;
}

static int add_match(struct replay *r, const struct match *m, const char *at)
{
        struct shade *s;
        int k;

        if (m->effect != EFFECT_FAIL && m->effect != EFFECT_PASS)
                return 0;
        k = shade_of(r, m->fingerprint.bytes, &s);
        if (k < 0 || !s)
                return k;
        s->passing = m->effect == EFFECT_PASS;
        if (s->passing) {
                s->passes++;
                return 0;
        }
        if (s->fails++ == 0) {
                free(s->title);
                free(s->rule);
                s->title = strndup(m->title.data ? m->title.data : "", m->title.size);
                s->rule = strdup(ruleset_rule_id(r->rules, m->rule));
                s->grade = strdup(m->grade ? m->grade : "");
                snprintf(s->first, sizeof(s->first), "%s", at);
        }
        snprintf(s->last, sizeof(s->last), "%s", at);
        return s->title && s->rule && s->grade ? 0 : -ENOMEM;
}

static int judge_event(struct replay *r, const char *adapter, size_t adapter_size, const char *at)
{
        const struct frame frame = {r->text.data ? r->text.data : "", r->text.size};
        const struct delivery from = {.adapter = {adapter, adapter_size},
                                      .peer = r->peer.data,
                                      .request_id = {"rules-replay-0-1", 16},
                                      .unique = r->unique++};
        const struct judgement *j;
        int k;

        k = judge_frame(r->judge, r->rules, &from, &frame, &j);
        if (k < 0)
                return k;
        r->judged++;
        r->refused += j->verdict != VERDICT_MAX;
        for (size_t i = 0; k == 0 && i < j->n_parts; i++) {
                const struct part *part = &j->parts[i];

                r->events++;
                r->ignored += part->verdict == VERDICT_IGNORED;
                r->refused += part->verdict != VERDICT_IGNORED && part->verdict != VERDICT_STORED;
                for (unsigned n = 0; k == 0 && n < part->n_matches; n++)
                        k = add_match(r, &j->matches[part->first_match + n], at);
        }
        return k;
}

/* The text of a member, decoded into b; empty where it is null. */
static void member_text(const struct replay *r, uint32_t object, const char *name, struct buffer *b)
{
        uint32_t node;

        buffer_clear(b);
        if (json_member(&r->tape, object, name, &node) == 0 &&
            r->tape.nodes[node].kind == JSON_STRING)
                json_string_decode(&r->tape, node, b);
}

static int take_events(struct replay *r, uint32_t list)
{
        cleanup_(buffer_done) struct buffer adapter = BUFFER_NULL, at = BUFFER_NULL;
        uint32_t node = json_first(&r->tape, list);
        int k = 0;

        for (uint32_t i = 0; k == 0 && i < r->tape.nodes[list].count;
             i++, node = r->tape.nodes[node].next) {
                member_text(r, node, "adapter", &adapter);
                member_text(r, node, "at", &at);
                member_text(r, node, "body", &r->text);
                k = judge_event(r, adapter.data ? adapter.data : "", adapter.size,
                                at.data ? at.data : "");
        }
        return k;
}

static int take_live(struct replay *r, uint32_t list)
{
        cleanup_(buffer_done) struct buffer text = BUFFER_NULL;
        uint32_t node = json_first(&r->tape, list), raised;
        struct hash fingerprint;
        struct shade *s;
        int k = 0;

        for (uint32_t i = 0; k == 0 && i < r->tape.nodes[list].count;
             i++, node = r->tape.nodes[node].next) {
                member_text(r, node, "fp", &text);
                if (text.size != 2 * HASH_BYTES ||
                    hash_from_hex(text.data, text.size, &fingerprint) != 0)
                        continue;
                k = shade_of(r, fingerprint.bytes, &s);
                if (k < 0 || !s)
                        return k;
                s->live = true;
                if (json_member(&r->tape, node, "raised", &raised) == 0)
                        s->before = s->before || r->tape.nodes[raised].kind == JSON_FALSE;
                member_text(r, node, "ref", &text);
                snprintf(s->ref, sizeof(s->ref), "%s", text.data ? text.data : "");
                if (s->title)
                        continue;
                member_text(r, node, "title", &text);
                s->title = strdup(text.data ? text.data : "");
                member_text(r, node, "rule", &text);
                s->rule = strdup(text.data ? text.data : "");
                k = s->title && s->rule ? 0 : -ENOMEM;
        }
        return k;
}

static bool is_more(const struct shade *s)
{
        return s->fails > 0 && !s->live;
}

static bool is_same(const struct shade *s)
{
        return s->fails > 0 && s->live && !s->before;
}

static bool is_gone(const struct shade *s)
{
        return s->fails == 0 && s->live && !s->before;
}

static bool is_known(const struct shade *s)
{
        return s->fails > 0 && s->before;
}

static void add_shade(struct buffer *b, const struct shade *s)
{
        buffer_add_str(b, "{\"rule\":");
        buffer_add_json_cstr(b, s->rule);
        buffer_add_str(b, ",\"title\":");
        buffer_add_json_cstr(b, s->title);
        if (s->ref[0])
                buffer_printf(b, ",\"ref\":\"%s\"", s->ref);
        if (s->fails > 0)
                buffer_printf(b,
                              ",\"grade\":\"%s\",\"fails\":%" PRIu64 ",\"first\":\"%s\",\"last\":"
                              "\"%s\"",
                              s->grade, s->fails, s->first, s->last);
        buffer_printf(b, ",\"passes\":%" PRIu64 ",\"passing\":%s}", s->passes,
                      s->passing ? "true" : "false");
}

static void add_list(const struct replay *r, const char *name, bool (*is)(const struct shade *s),
                     struct buffer *b)
{
        unsigned n = 0;

        buffer_printf(b, ",\"%s\":[", name);
        for (unsigned i = 0; i < r->keys.n; i++) {
                if (!is(&r->shades[i]) || ++n > LISTED_MAX)
                        continue;
                if (n > 1)
                        buffer_add_char(b, ',');
                add_shade(b, &r->shades[i]);
        }
        buffer_printf(b, "],\"n_%s\":%u", name, n);
}

static void reply(struct replay *r)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        uint64_t merged = 0, passing = 0;

        for (unsigned i = 0; i < r->keys.n; i++) {
                merged += r->shades[i].fails > 1 ? r->shades[i].fails - 1 : 0;
                passing += r->shades[i].fails > 0 && r->shades[i].passing;
        }
        buffer_add_str(&b, "{\"ok\":true,\"since\":");
        buffer_add_json_cstr(&b, r->since.data ? r->since.data : "");
        buffer_printf(&b,
                      ",\"frames\":%" PRIu64 ",\"events\":%" PRIu64 ",\"ignored\":%" PRIu64
                      ",\"refused\":%" PRIu64 ",\"merged\":%" PRIu64 ",\"passing\":%" PRIu64
                      ",\"cut\":%s",
                      r->judged, r->events, r->ignored, r->refused, merged, passing,
                      r->cut ? "true" : "false");
        add_list(r, "more", is_more, &b);
        add_list(r, "same", is_same, &b);
        add_list(r, "known", is_known, &b);
        add_list(r, "gone", is_gone, &b);
        buffer_add_str(&b, ",\"note\":");
        buffer_add_json_cstr(&b, NOTE_SENTENCE);
        buffer_add_char(&b, '}');
        if (buffer_status(&b) < 0)
                arrival_refuse(r->arrival, code_name(CODE_INTERNAL), "out of memory");
        else if (b.size > LIMIT_RESULT_BYTES)
                arrival_refuse(r->arrival, code_name(CODE_TOO_BIG),
                               "the result is larger than 16 MiB: replay a shorter time");
        else
                arrival_reply(r->arrival, WIRE_OK, b.data, b.size);
}

static void on_page(const struct answer *answer, void *userdata);

/* params: NUL-terminated. 0, CONNECTION_E_*, -errno. */
static int ask_page(struct replay *r, const char *params)
{
        struct manager *m = r->manager;
        struct connection *c = connection_ready(m->reader) ? m->reader : m->calls;
        const struct parameter parameters[] = {PARAMETER_TEXT(r->principal.data),
                                               PARAMETER_TEXT(r->actor.data),
                                               PARAMETER_TEXT(params), PARAMETER_TEXT(NULL)};

        return connection_send(c, "rules_replay", parameters, ARRAY_LEN(parameters), on_page, r);
}

/* 0: the next page is asked for, or all is done (*ret_end); -errno. */
static int take_page(struct replay *r, const char *json, size_t size, bool *ret_end)
{
        cleanup_(buffer_done) struct buffer params = BUFFER_NULL, next = BUFFER_NULL;
        uint32_t events, live;
        int k;

        *ret_end = true;
        if (!json || json_tape_parse(&r->tape, json, size, NULL) != 0 ||
            json_member(&r->tape, 0, "events", &events) != 0)
                return -EBADMSG;
        if (r->since.size == 0)
                member_text(r, 0, "since", &r->since);
        if (json_member(&r->tape, 0, "live", &live) == 0 &&
            r->tape.nodes[live].kind == JSON_ARRAY) {
                k = take_live(r, live);
                if (k < 0)
                        return k;
        }
        k = take_events(r, events);
        if (k < 0)
                return k;
        member_text(r, 0, "next", &next);
        if (next.size == 0 || r->manager->stopping)
                return 0;
        buffer_add_str(&params, "{\"after\":");
        buffer_add_json_string(&params, next.data, next.size);
        buffer_add_char(&params, '}');
        if (buffer_status(&params) < 0)
                return -ENOMEM;
        *ret_end = false;
        k = ask_page(r, params.data);
        return k > 0 ? -EAGAIN : k;
}

static void on_page(const struct answer *answer, void *userdata)
{
        struct replay *r = userdata;
        bool end = true;
        size_t size = 0;
        const char *json;
        int k;

        if (answer->kind == ANSWER_REFUSED) {
                arrival_refuse(r->arrival,
                               code_name(strcmp(answer->sqlstate, "CA004") == 0 ? CODE_FORBIDDEN
                                                                                : CODE_INVALID),
                               answer->message);
                replay_free(r);
                return;
        }
        if (answer->kind != ANSWER_ROWS) {
                log_line(LOG_WARNING, "a replay ended early: %s %s", answer->sqlstate,
                         answer->message);
                arrival_refuse(r->arrival, code_name(CODE_UNAVAILABLE),
                               "the database did not answer in time: call again, or replay a "
                               "shorter time");
                replay_free(r);
                return;
        }
        json = answer_value(answer, 0, 0, &size);
        k = take_page(r, json, size, &end);
        if (k == 0 && !end)
                return;
        if (k < 0)
                arrival_refuse(r->arrival,
                               code_name(k == -EAGAIN ? CODE_UNAVAILABLE : CODE_INTERNAL),
                               k == -EAGAIN ? "the database is away: call again later"
                                            : "the replay could not go on; nothing was changed");
        else
                reply(r);
        replay_free(r);
}

int replay_begin(struct manager *m, struct arrival *a, struct caller *who, struct ruleset *rules,
                 const struct principal *p)
{
        struct replay *r = calloc(1, sizeof(*r));
        int k;

        if (!r)
                return -ENOMEM;
        *r = (struct replay){.manager = m,
                             .arrival = a,
                             .rules = ruleset_ref(rules),
                             .principal = who->principal,
                             .actor = who->actor,
                             .bytes = a->bytes};
        who->principal = who->actor = BUFFER_NULL;
        m->call_bytes += r->bytes;
        buffer_add(&r->peer, p->name, strlen(p->name) + 1);
        k = buffer_status(&r->peer);
        if (k == 0)
                k = judge_new(&r->judge);
        if (k == 0)
                k = ask_page(r, who->params.data);
        if (k == 0)
                return 0;
        replay_free(r);
        if (k < 0)
                return k;
        arrival_refuse(a, code_name(CODE_UNAVAILABLE), "the database is away: call again later");
        return 0;
}
