/* The way of a call: method table → caller → statement on the calls or the read-only connection →
 * the register's own bytes as the answer, or its refusal as an ERR. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <syslog.h>

#include "daemon/app/call.h"
#include "daemon/app/caller.h"
#include "daemon/app/log.h"
#include "daemon/app/method.h"
#include "daemon/app/status.h"
#include "daemon/db/files.h"
#include "proto/base/limits.h"

#define STATEMENT_NAME 80
#define PAST_READS_MAX 8
#define TRIES_MAX      5 /* of a call that met a deadlock: it was rolled back, and may be sent again */

struct call {
        struct manager *manager;
        struct arrival *arrival;
        const struct method *method;
        struct generation *generation; /* holds the principals */
        struct caller who;
        answer_fn fn;
        unsigned tries;
        size_t bytes;
};

static int call_send(struct call *c);

static struct call *call_free(struct call *c)
{
        c->manager->call_bytes -= c->bytes;
        generation_unref(c->generation);
        caller_done(&c->who);
        free(c);
        return NULL;
}

static enum capa_code code_of(const char *sqlstate)
{
        static const enum capa_code codes[] = {CODE_INTERNAL, CODE_REFUSED,   CODE_NOT_FOUND,
                                               CODE_INVALID,  CODE_FORBIDDEN, CODE_CONFLICT,
                                               CODE_TOO_BIG};
        unsigned n = (unsigned) (sqlstate[4] - '0');

        return n < ARRAY_LEN(codes) ? codes[n] : CODE_INTERNAL;
}

void call_refuse(struct arrival *a, const struct answer *answer)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        cleanup_(json_tape_done) struct json_tape tape = JSON_TAPE_NULL;
        uint32_t node;
        const char *text;
        size_t size;

        buffer_printf(&b, "{\"code\":\"%s\",\"message\":", code_name(code_of(answer->sqlstate)));
        buffer_add_json_cstr(&b, answer->message);
        if (answer->hint && answer->hint[0]) {
                buffer_add_str(&b, ",\"hint\":");
                buffer_add_json_cstr(&b, answer->hint);
        }
        if (answer->detail && answer->detail[0] &&
            json_tape_parse(&tape, answer->detail, strlen(answer->detail), NULL) == 0) {
                buffer_add_str(&b, ",\"detail\":");
                buffer_add_str(&b, answer->detail);
                if (json_member(&tape, 0, "missing", &node) == 0) {
                        json_slice(&tape, node, &text, &size);
                        buffer_add_str(&b, ",\"missing\":");
                        buffer_add(&b, text, size);
                }
        }
        buffer_add_char(&b, '}');
        if (buffer_status(&b) < 0)
                arrival_refuse(a, code_name(CODE_INTERNAL), "out of memory");
        else
                arrival_reply(a, WIRE_ERR, b.data, b.size);
}

static void succeed(struct arrival *a, const char *body, size_t size)
{
        if (size > LIMIT_RESULT_BYTES)
                arrival_refuse(a, code_name(CODE_TOO_BIG),
                               "the result is larger than 16 MiB: ask for less with \"limit\" and "
                               "\"after\"");
        else
                arrival_reply(a, WIRE_OK, body, size);
}

/* Whether the call is on its way once more, after a deadlock (SEMANTICS section 2). */
static bool send_again(struct call *c, const struct answer *answer)
{
        return answer->kind == ANSWER_AGAIN && ++c->tries < TRIES_MAX && call_send(c) == 0;
}

static void on_answer(const struct answer *answer, void *userdata)
{
        struct call *c = userdata;
        size_t size = 0;
        const char *value;

        if (send_again(c, answer))
                return;
        switch (answer->kind) {
        case ANSWER_ROWS:
                value = answer_value(answer, 0, 0, &size);
                succeed(c->arrival, value ? value : "null", value ? size : 4);
                break;
        case ANSWER_REFUSED:
                if (strcmp(answer->sqlstate, "CA000") == 0 && answer->detail)
                        succeed(c->arrival, answer->detail, strlen(answer->detail));
                else
                        call_refuse(c->arrival, answer);
                break;
        case ANSWER_AWAY:
        case ANSWER_AGAIN:
                arrival_refuse(c->arrival, code_name(CODE_UNAVAILABLE),
                               "the database did not answer; whether the call had an effect is "
                               "unknown: look, or "
                               "call again");
                break;
        case ANSWER_DATA:
        case ANSWER_BROKEN:
                log_line(LOG_ERR, "method %s failed: %s %s", c->method->name, answer->sqlstate,
                         answer->message);
                arrival_refuse(c->arrival, code_name(CODE_INTERNAL),
                               "the register could not do this; the daemon's log says why. Nothing "
                               "was changed");
                break;
        }
        call_free(c);
}

static void statement_name(const struct method *method, char ret[STATEMENT_NAME])
{
        size_t i = 0;

        for (; i < STATEMENT_NAME - 1 && method->name[i]; i++)
                ret[i] = method->name[i] == '.' ? '_' : method->name[i];
        ret[i] = '\0';
}

/* What reads the past makes tables for it: neither the read-only connection nor one that others
 * wait for. */
static struct connection *connection_for(struct manager *m, const struct method *method, bool as_of)
{
        if (as_of)
                return connection_ready(m->history) ? m->history : m->history_next;
        return method->reads && connection_ready(m->reader) ? m->reader : m->calls;
}

/* What PL/pgSQL compiled for one reading of the past stays in the session until its end (some 2
 * MB): after so many the other connection goes on, and this one begins a new session. */
static void history_turn(struct manager *m)
{
        struct connection *used = m->history;

        if (++m->past_reads < PAST_READS_MAX || !connection_ready(m->history_next))
                return;
        m->past_reads = 0;
        m->history = m->history_next;
        m->history_next = used;
        connection_renew(used);
}

static int call_send(struct call *c)
{
        cleanup_(buffer_done) struct buffer files = BUFFER_NULL;
        struct connection *connection = connection_for(c->manager, c->method, c->who.as_of);
        const struct arrival *a = c->arrival;
        struct parameter parameters[4];
        char name[STATEMENT_NAME];
        int r;

        if (connection_pending(connection) >= LIMIT_CALLS)
                return CONNECTION_E_AWAY;
        statement_name(c->method, name);
        files_encode(&files, a->request.parts, a->request.n_parts);
        if (buffer_status(&files) < 0)
                return -ENOMEM;
        if (c->who.as_of) {
                parameters[0] = PARAMETER_TEXT(c->method->name);
                parameters[1] = PARAMETER_TEXT(c->who.principal.data);
                parameters[2] = PARAMETER_TEXT(c->who.actor.data);
                parameters[3] = PARAMETER_TEXT(c->who.params.data);
                r = connection_send(connection, "as_of", parameters, ARRAY_LEN(parameters), c->fn,
                                    c);
                if (r == 0)
                        history_turn(c->manager);
                return r;
        }
        parameters[0] = PARAMETER_TEXT(c->who.principal.data);
        parameters[1] = PARAMETER_TEXT(c->who.actor.data);
        parameters[2] = PARAMETER_TEXT(c->who.params.data);
        parameters[3] = PARAMETER_BINARY(files.data, files.size);
        return connection_send(connection, name, parameters, ARRAY_LEN(parameters), c->fn, c);
}

static void refuse_send(struct manager *m, struct arrival *a, int r, const struct method *method)
{
        struct problem p = {0};

        if (r == CONNECTION_E_QUERY) {
                log_line(LOG_ERR, "method %s has no statement in this database", method->name);
                arrival_refuse(a, code_name(CODE_INTERNAL),
                               "this method is broken; the daemon's log says why");
                return;
        }
        if (connection_ready(m->calls))
                problem_set(&p, 0, "too many calls are waiting: call again");
        else
                problem_set(&p, 0, "the database is away: call again later");
        arrival_refuse(a, code_name(CODE_UNAVAILABLE), p.text);
}

/* Takes what is in who. */
static int ask(struct manager *m, const struct method *method, struct caller *who,
               struct arrival *a, answer_fn fn)
{
        struct call *c = calloc(1, sizeof(*c));
        int r;

        if (!c)
                return -ENOMEM;
        *c = (struct call){.manager = m,
                           .arrival = a,
                           .method = method,
                           .generation = generation_ref(m->generation),
                           .who = *who,
                           .fn = fn,
                           .bytes = a->bytes};
        *who = (struct caller){0};
        m->call_bytes += c->bytes;
        r = call_send(c);
        if (r != 0)
                call_free(c);
        return r;
}

static int call_register(struct manager *m, const struct method *method, const struct principal *p,
                         struct arrival *a, answer_fn fn)
{
        cleanup_(caller_done) struct caller who = {0};
        struct refusal refusal = {.code = CODE_INVALID};
        const struct acquaintance known = {.principals = m->generation->principals,
                                           .people = m->generation->people};
        int r;

        r = caller_read(&who, &known, p, method, &a->request.params, &refusal);
        if (r < 0)
                return r;
        if (r > 0) {
                arrival_refuse(a, code_name(refusal.code), refusal.problem.text);
                return 0;
        }
        r = ask(m, method, &who, a, fn);
        if (r > 0)
                refuse_send(m, a, r, method);
        return MIN(r, 0);
}

int call_begin(struct manager *m, const struct principal *p, struct arrival *a)
{
        const struct method *method = method_find(a->request.name.data, a->request.name.size);
        struct problem problem = {0};
        const char *near;

        if (!method) {
                near = method_similar(a->request.name.data, a->request.name.size);
                problem_set(&problem, 0, "there is no method \"%.*s\"%s%s%s",
                            (int) MIN(a->request.name.size, (size_t) LIMIT_METHOD_NAME),
                            a->request.name.data, near ? ", did you mean \"" : "", near ? near : "",
                            near ? "\"?" : "");
                arrival_refuse(a, code_name(CODE_UNKNOWN_METHOD), problem.text);
                return 0;
        }
        if (a->request.n_parts > 0 && !method->files) {
                problem_set(&problem, 0, "%s takes no attachments, but %zu came", method->name,
                            a->request.n_parts);
                arrival_refuse(a, code_name(CODE_INVALID), problem.text);
                return 0;
        }
        if (method->answer)
                return method->answer(m, p, a);
        return call_register(m, method, p, a, on_answer);
}

/* The register's part with the daemon's spliced in; without the database the daemon's alone. */
static void on_status(const struct answer *answer, void *userdata)
{
        struct call *c = userdata;
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        size_t size = 0;
        const char *json = answer_value(answer, 0, 0, &size);

        if (send_again(c, answer))
                return;
        if (answer->kind == ANSWER_REFUSED) {
                call_refuse(c->arrival, answer);
        } else {
                status_write(c->manager, json, size, &b);
                succeed(c->arrival, b.data ? b.data : "{}", b.data ? b.size : 2);
        }
        call_free(c);
}

/* Of the past the daemon knows nothing: only the register answers. */
static void on_past_status(const struct answer *answer, void *userdata)
{
        struct call *c = userdata;
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;
        size_t size = 0;
        const char *json = answer_value(answer, 0, 0, &size);

        if (!json) {
                on_answer(answer, c);
                return;
        }
        status_write_past(json, size, &b);
        succeed(c->arrival, b.data ? b.data : "{}", b.data ? b.size : 2);
        call_free(c);
}

static bool is_of_past(const struct arrival *a)
{
        cleanup_(json_tape_done) struct json_tape t = JSON_TAPE_NULL;
        const struct frame *params = &a->request.params;
        uint32_t node;

        return json_tape_parse(&t, params->data, params->size, NULL) == 0 &&
               t.nodes[0].kind == JSON_OBJECT && json_member(&t, 0, "as_of", &node) == 0 &&
               t.nodes[node].kind != JSON_NULL;
}

int call_status(struct manager *m, const struct principal *p, struct arrival *a)
{
        cleanup_(buffer_done) struct buffer b = BUFFER_NULL;

        if (is_of_past(a))
                return call_register(m, method_find("status", 6), p, a, on_past_status);
        if (connection_ready(m->calls) || connection_ready(m->reader))
                return call_register(m, method_find("status", 6), p, a, on_status);
        status_write(m, NULL, 0, &b);
        succeed(a, b.data ? b.data : "{}", b.data ? b.size : 2);
        return 0;
}
