/* A replay lives from its CALL to its answer and owns its session of the database, whose temporary
 * schema holds the register that is played with (sql/functions/api_rules_replay.sql); the session's
 * end takes all of it away, whatever ends it. One statement is on its way at a time:
 *
 *   connect ─► rules_replay ─► step ─┬─► replay_page     where no event is in hand
 *                               ▲    ├─► replay_tick     what is due before the next event
 *                               │    ├─► replay_ingest   events received within a second, or what
 *                               └────┘                   a tick said is missing
 *                                    └─► replay_result   behind the last event, or out of time
 *
 * Who ends it answers the arrival and leaves the freeing to a turn of the loop of its own, since a
 * connection cannot be freed from within its callbacks. */
#include "daemon/app/replay.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>

#include "daemon/app/call.h"
#include "daemon/app/clock.h"
#include "daemon/app/log.h"
#include "daemon/app/rehearsal.h"
#include "daemon/core/ruleset.h"
#include "proto/base/limits.h"
#include "proto/json/tape.h"
#include "proto/wire/code.h"

#define REPLAY_US   (600U * 1000U * 1000U) /* then it answers with what it has */
#define TOGETHER_US 1000000                /* events received within this time are one batch */
#define ROUNDS_MAX  100U                   /* ticks at one moment; then it goes on a second later */
#define AGAIN_MAX   5U
#define NEVER_US    INT64_MAX
#define NOTE_SENTENCE                                                                              \
        "What people did since then (corrections, closings, merges, decided grades) is not "       \
        "played, nor events that retention or a redaction took or an ignoring rule did not store."

struct replay {
        struct manager *manager;
        struct arrival *arrival; /* NULL: answered, and waits to be freed */
        struct connection *connection;
        sd_event_source *end;
        struct ruleset *rules;
        struct rehearsal rehearsal;
        struct buffer principal, actor, params, peer, warnings;
        struct buffer page, after; /* the page in hand as text; "next" of it */
        struct json_tape tape, answer;
        uint32_t node, n_left; /* the next event of the page, and how many there are */
        bool pages_end;
        bool missed; /* what is on its way is what a tick said is missing */
        bool careful, cut;
        unsigned again, rounds;
        int64_t at_us, since_us, upto_us, next_us; /* next: when a tick is due */
        uint64_t began_us, frames, lost;
        struct batch_counters before, counters; /* of the lead time, and since the moment */
        size_t bytes;
};

static int go_on(struct replay *r);

static struct replay *replay_free(struct replay *r)
{
        if (!r)
                return NULL;
        if (r->manager->replay == r)
                r->manager->replay = NULL;
        r->manager->call_bytes -= r->bytes;
        connection_free(r->connection);
        sd_event_source_disable_unref(r->end);
        ruleset_unref(r->rules);
        rehearsal_done(&r->rehearsal);
        buffer_done(&r->principal);
        buffer_done(&r->actor);
        buffer_done(&r->params);
        buffer_done(&r->peer);
        buffer_done(&r->warnings);
        buffer_done(&r->page);
        buffer_done(&r->after);
        json_tape_done(&r->tape);
        json_tape_done(&r->answer);
        free(r);
        return NULL;
}

static void replay_free_p(struct replay **r)
{
        *r = replay_free(*r);
}

static int on_end(sd_event_source *s unused_, void *userdata)
{
        replay_free(userdata);
        return 0;
}

/* The arrival is answered: nothing more is done, and the rest goes with the loop's next turn. */
static void ended(struct replay *r)
{
        r->arrival = NULL;
        (void) sd_event_source_set_enabled(r->end, SD_EVENT_ONESHOT);
}

static void refuse(struct replay *r, enum capa_code code, const char *sentence)
{
        if (!r->arrival)
                return;
        arrival_refuse(r->arrival, code_name(code), sentence);
        ended(r);
}

/* What the register answered instead of rows. */
static void fail(struct replay *r, const struct answer *a)
{
        if (!r->arrival)
                return;
        if (a->kind == ANSWER_REFUSED) {
                call_refuse(r->arrival, a);
                ended(r);
        } else if (a->kind == ANSWER_AWAY) {
                log_line(LOG_WARNING, "a replay ended early: %s %s", a->sqlstate, a->message);
                refuse(r, CODE_UNAVAILABLE,
                       "the database did not answer in time: call again, or replay a shorter time. "
                       "Nothing was changed");
        } else {
                log_line(LOG_ERR, "a replay failed: %s %s", a->sqlstate, a->message);
                refuse(r, CODE_INTERNAL,
                       "the replay could not go on; the daemon's log says why. Nothing was "
                       "changed");
        }
}

static int send(struct replay *r, const char *query, const struct parameter *parameters, unsigned n,
                answer_fn fn)
{
        int k = connection_send(r->connection, query, parameters, n, fn, r);

        if (k > 0)
                refuse(r, CODE_UNAVAILABLE, "the database is away: call again later");
        return MIN(k, 0);
}

/* After each answer: a failure of ours ends the replay, not the daemon. */
static void go_on_or_fail(struct replay *r, int k)
{
        if (k == 0 && r->arrival)
                k = go_on(r);
        if (k < 0)
                refuse(r, CODE_INTERNAL, "the replay could not go on; nothing was changed");
}

/* The number of a member; NEVER_US where it is null or absent. */
static int64_t member_us(const struct json_tape *t, uint32_t object, const char *name)
{
        int64_t us;
        uint32_t node;

        if (json_member(t, object, name, &node) != 0 || json_int64(t, node, &us) != 0)
                return NEVER_US;
        return us;
}

static bool parse(struct json_tape *t, const struct answer *a)
{
        size_t size = 0;
        const char *json = answer_value(a, 0, 0, &size);

        return json && json_tape_parse(t, json, size, NULL) == 0;
}

/* -- asking the register, and what it says -- */

static void on_page(const struct answer *a, void *userdata)
{
        struct replay *r = userdata;
        size_t size = 0;
        const char *json = answer_value(a, 0, 0, &size);
        uint32_t events, next;

        if (a->kind != ANSWER_ROWS) {
                fail(r, a);
                return;
        }
        buffer_clear(&r->page);
        buffer_add(&r->page, json ? json : "", size);
        if (buffer_status(&r->page) < 0 ||
            json_tape_parse(&r->tape, r->page.data, r->page.size, NULL) != 0 ||
            json_member(&r->tape, 0, "events", &events) != 0 ||
            json_member(&r->tape, 0, "next", &next) != 0) {
                go_on_or_fail(r, -EBADMSG);
                return;
        }
        r->node = json_first(&r->tape, events);
        r->n_left = r->tape.nodes[events].count;
        r->pages_end = r->tape.nodes[next].kind != JSON_STRING;
        buffer_clear(&r->after);
        if (!r->pages_end)
                json_string_decode(&r->tape, next, &r->after);
        go_on_or_fail(r, buffer_status(&r->after));
}

static int ask_page(struct replay *r)
{
        const struct parameter parameters[] = {PARAMETER_TEXT(r->principal.data),
                                               PARAMETER_TEXT(r->actor.data),
                                               PARAMETER_TEXT(r->after.data)};

        return send(r, "replay_page", parameters, ARRAY_LEN(parameters), on_page);
}

static void on_result(const struct answer *a, void *userdata)
{
        struct replay *r = userdata;
        size_t size = 0;
        const char *json = answer_value(a, 0, 0, &size);

        if (a->kind != ANSWER_ROWS || !json) {
                fail(r, a);
                return;
        }
        if (!r->arrival)
                return;
        if (size > LIMIT_RESULT_BYTES)
                arrival_refuse(r->arrival, code_name(CODE_TOO_BIG),
                               "the result is larger than 16 MiB: replay a shorter time");
        else
                arrival_reply(r->arrival, WIRE_OK, json, size);
        ended(r);
}

static int ask_result(struct replay *r)
{
        cleanup_(buffer_done) struct buffer judged = BUFFER_NULL;
        struct parameter parameters[3];

        buffer_printf(&judged,
                      "{\"frames\":%" PRIu64 ",\"events\":%" PRIu64 ",\"noise\":%" PRIu64
                      ",\"lost\":%" PRIu64 ",\"cut\":%s,\"warnings\":",
                      r->frames, r->counters.received, r->counters.noise, r->lost,
                      r->cut ? "true" : "false");
        buffer_add(&judged, r->warnings.data ? r->warnings.data : "[]",
                   r->warnings.data ? r->warnings.size : 2);
        buffer_add_str(&judged, ",\"note\":");
        buffer_add_json_cstr(&judged, NOTE_SENTENCE);
        buffer_add_char(&judged, '}');
        if (buffer_status(&judged) < 0)
                return -ENOMEM;
        parameters[0] = PARAMETER_TEXT(r->principal.data);
        parameters[1] = PARAMETER_TEXT(r->actor.data);
        parameters[2] = PARAMETER_TEXT(judged.data);
        return send(r, "replay_result", parameters, ARRAY_LEN(parameters), on_result);
}

static int send_batch(struct replay *r);

/* Whether the batch goes once more: after a deadlock as it is, after a data error one by one. */
static bool is_sent_again(struct replay *r, const struct answer *a)
{
        bool again = a->kind == ANSWER_AGAIN && ++r->again < AGAIN_MAX;

        if (a->kind == ANSWER_DATA && !r->careful)
                again = r->careful = true;
        return again && send_batch(r) == 0;
}

static void on_ingested(const struct answer *a, void *userdata)
{
        struct replay *r = userdata;
        const char *value = answer_value(a, 0, 0, NULL);

        if (!r->arrival || is_sent_again(r, a))
                return;
        if (a->kind == ANSWER_DATA) {
                r->lost += batch_events(r->rehearsal.batch);
        } else if (a->kind != ANSWER_ROWS) {
                fail(r, a);
                return;
        } else {
                r->next_us = value ? strtoll(value, NULL, 10) : NEVER_US;
                if (r->missed) /* the tick that said it goes on behind it */
                        r->next_us = r->at_us;
        }
        go_on_or_fail(r, 0);
}

static int send_batch(struct replay *r)
{
        const struct ingest_batch *wire = &r->rehearsal.batch->wire;
        char at[24];

        snprintf(at, sizeof(at), "%" PRId64, r->at_us);
        const struct parameter parameters[] = {
                PARAMETER_TEXT(at), PARAMETER_TEXT(wire->meta.data),
                PARAMETER_BINARY(wire->bodies.data, wire->bodies.size),
                PARAMETER_TEXT(r->careful ? "true" : "false")};

        return send(r, "replay_ingest", parameters, ARRAY_LEN(parameters), on_ingested);
}

/* What is in hand, judged and sent as one batch. *ret_sent false: there was nothing to send. */
static int play(struct replay *r, bool *ret_sent)
{
        struct batch_counters *counters = r->at_us < r->since_us ? &r->before : &r->counters;
        struct batch *batch = r->rehearsal.batch;
        char hex[2 * HASH_BYTES + 1];
        int k;

        r->careful = false;
        r->again = 0;
        k = rehearsal_judge(&r->rehearsal, r->rules, r->peer.data, counters);
        if (k < 0)
                return k;
        *ret_sent = batch_events(batch) > 0;
        if (!*ret_sent)
                return 0;
        hash_hex(ruleset_hash(r->rules), hex);
        k = ingest_finish(&batch->wire, EXPECTATION_SOURCE, hex);
        return k < 0 ? k : send_batch(r);
}

static int play_missed(struct replay *r, uint32_t list)
{
        uint32_t node = json_first(&r->answer, list), event;
        bool sent;
        int k = 0;

        rehearsal_clear(&r->rehearsal);
        for (uint32_t i = 0; i < r->answer.nodes[list].count && !rehearsal_full(&r->rehearsal);
             i++, node = r->answer.nodes[node].next) {
                if (json_member(&r->answer, node, "event", &event) == 0)
                        k = rehearsal_add(&r->rehearsal, &r->answer, event);
                if (k < 0)
                        return k;
        }
        r->missed = true;
        k = play(r, &sent);
        return k < 0 || sent ? k : go_on(r);
}

static void on_ticked(const struct answer *a, void *userdata)
{
        struct replay *r = userdata;
        uint32_t list;

        if (!r->arrival)
                return;
        if (a->kind != ANSWER_ROWS || !parse(&r->answer, a)) {
                fail(r, a);
                return;
        }
        r->next_us = member_us(&r->answer, 0, "next");
        if (json_member(&r->answer, 0, "expectations", &list) == 0) {
                int k = play_missed(r, list);

                if (k < 0)
                        go_on_or_fail(r, k);
                return;
        }
        go_on_or_fail(r, 0);
}

static int tick(struct replay *r)
{
        char at[24];

        if (r->next_us <= r->at_us && ++r->rounds > ROUNDS_MAX)
                r->next_us = r->at_us + TOGETHER_US;
        if (r->next_us > r->at_us)
                r->rounds = 0;
        r->at_us = MAX(r->at_us, r->next_us);
        snprintf(at, sizeof(at), "%" PRId64, r->at_us);
        const struct parameter parameters[] = {PARAMETER_TEXT(at)};

        return send(r, "replay_tick", parameters, ARRAY_LEN(parameters), on_ticked);
}

/* -- what comes next -- */

/* The next events of the page that were received within a second, and before the next tick. */
static int take_events(struct replay *r)
{
        const int64_t first = member_us(&r->tape, r->node, "at");

        rehearsal_clear(&r->rehearsal);
        while (r->n_left > 0 && !rehearsal_full(&r->rehearsal)) {
                const int64_t at = member_us(&r->tape, r->node, "at");
                int k;

                if (at >= first + TOGETHER_US || (r->rehearsal.n > 0 && r->next_us <= at))
                        break;
                k = rehearsal_add(&r->rehearsal, &r->tape, r->node);
                if (k < 0)
                        return k;
                r->at_us = MAX(r->at_us, at);
                r->frames += at >= r->since_us;
                r->node = r->tape.nodes[r->node].next;
                r->n_left--;
        }
        return 0;
}

/* One step; only noise needs none of the register's and goes on at once. */
static int go_on(struct replay *r)
{
        bool sent = false;
        int k = 0;

        if (clock_us() - r->began_us > REPLAY_US) {
                r->cut = true;
                return ask_result(r);
        }
        while (k == 0 && !sent) {
                bool in_hand = r->n_left > 0;
                int64_t until = in_hand ? member_us(&r->tape, r->node, "at") : r->upto_us;

                if (!in_hand && !r->pages_end)
                        return ask_page(r);
                if (r->next_us <= until)
                        return tick(r);
                if (!in_hand)
                        return ask_result(r);
                r->missed = false;
                k = take_events(r);
                if (k == 0)
                        k = play(r, &sent);
        }
        return k;
}

/* -- the beginning -- */

static void on_begun(const struct answer *a, void *userdata)
{
        struct replay *r = userdata;
        uint32_t node;
        const char *text;
        size_t size;

        if (!r->arrival)
                return;
        if (a->kind != ANSWER_ROWS || !parse(&r->answer, a)) {
                fail(r, a);
                return;
        }
        r->since_us = member_us(&r->answer, 0, "since_us");
        r->upto_us = member_us(&r->answer, 0, "upto_us");
        r->next_us = member_us(&r->answer, 0, "next");
        if (json_member(&r->answer, 0, "warnings", &node) == 0) {
                json_slice(&r->answer, node, &text, &size);
                buffer_add(&r->warnings, text, size);
        }
        go_on_or_fail(r, buffer_status(&r->warnings));
}

static void on_state(struct connection *c, bool ready, void *userdata)
{
        struct replay *r = userdata;

        if (!r->arrival)
                return;
        if (!ready) {
                log_line(LOG_WARNING, "a replay has no session: %s", connection_reason(c));
                refuse(r, CODE_UNAVAILABLE, "the database is away: call again later");
                return;
        }
        const struct parameter parameters[] = {
                PARAMETER_TEXT(r->principal.data), PARAMETER_TEXT(r->actor.data),
                PARAMETER_TEXT(r->params.data), PARAMETER_TEXT(NULL)};

        if (send(r, "rules_replay", parameters, ARRAY_LEN(parameters), on_begun) < 0)
                refuse(r, CODE_INTERNAL, "out of memory");
}

static int connect_session(struct replay *r)
{
        const struct config *c = r->manager->started->config;
        char name[64];
        const struct connection_config config = {.name = name,
                                                 .conninfo = c->conninfo,
                                                 .attempt_us = (uint64_t) c->attempt_ms * 1000U,
                                                 .answer_us = (uint64_t) c->report_ms * 1000U};
        const struct connection_events events = {.on_state = on_state, .userdata = r};
        int k;

        snprintf(name, sizeof(name), "%.32s replay", c->daemon_name);
        k = connection_new(r->manager->event, &config, &events, &r->connection);
        return k < 0 ? k : connection_start(r->connection);
}

/* The caller's parameters and the rules that are tried, as sql/functions/api_rules_replay.sql takes
 * them. */
static int write_params(struct replay *r, const struct buffer *params)
{
        char hex[2 * HASH_BYTES + 1];
        int k;

        hash_hex(ruleset_hash(r->rules), hex);
        buffer_add(&r->params, params->data, strlen(params->data) - 1); /* an object, and open */
        buffer_printf(&r->params, ",\"rules\":{\"sha256\":\"%s\",\"body\":", hex);
        k = ruleset_describe(r->rules, &r->params);
        buffer_add_str(&r->params, "}}");
        return k < 0 ? k : buffer_status(&r->params);
}

static int prepare(struct replay *r, const struct buffer *params)
{
        int k;

        k = write_params(r, params);
        if (k == 0)
                k = rehearsal_new(&r->rehearsal);
        if (k == 0)
                k = sd_event_add_defer(r->manager->event, &r->end, on_end, r);
        if (k >= 0)
                k = sd_event_source_set_enabled(r->end, SD_EVENT_OFF);
        return k < 0 ? k : connect_session(r);
}

int replay_begin(struct manager *m, struct arrival *a, struct caller *who, struct ruleset *rules,
                 const struct principal *p)
{
        cleanup_(replay_free_p) struct replay *r = NULL;
        int k;

        if (m->replay) {
                arrival_refuse(a, code_name(CODE_CONFLICT),
                               "a replay runs already: call again when it has ended");
                return 0;
        }
        r = calloc(1, sizeof(*r));
        if (!r)
                return -ENOMEM;
        *r = (struct replay){.manager = m,
                             .rules = ruleset_ref(rules),
                             .principal = who->principal,
                             .actor = who->actor,
                             .next_us = NEVER_US,
                             .began_us = clock_us(),
                             .bytes = a->bytes};
        who->principal = who->actor = BUFFER_NULL;
        m->call_bytes += r->bytes;
        buffer_add(&r->peer, p->name, strlen(p->name) + 1);
        k = buffer_status(&r->peer);
        if (k == 0)
                k = prepare(r, &who->params);
        if (k < 0)
                return k;
        r->arrival = a;
        m->replay = TAKE_PTR(r);
        return 0;
}

void replay_stop(struct manager *m)
{
        if (!m->replay)
                return;
        refuse(m->replay, CODE_UNAVAILABLE,
               "capad is stopping: call again later; nothing was changed");
        replay_free(m->replay);
}
