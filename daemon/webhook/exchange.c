/* One request and its answer. */
#include "daemon/webhook/exchange.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proto/base/limits.h"
#include "proto/json/tape.h"
#include "proto/wire/code.h"

#define RETRY_AFTER "5" /* seconds */

/* Headers that number deliveries, each by the tool's own documentation the same when a delivery is
 * repeated: GitHub, Jira, GitLab, Standard Webhooks. */
static const char *const DELIVERY_HEADERS[] = {
        "X-GitHub-Delivery", "X-Atlassian-Webhook-Identifier", "Idempotency-Key", "Webhook-Id"};

void reply_done(struct reply *r)
{
        free(r->body);
        *r = (struct reply){0};
}

int reply_error(struct reply *ret, unsigned status, const char *format, ...)
{
        struct buffer b = BUFFER_NULL;
        char text[PROBLEM_TEXT_MAX];
        va_list list;

        va_start(list, format);
        vsnprintf(text, sizeof(text), format, list);
        va_end(list);
        buffer_add_str(&b, "{\"error\":");
        buffer_add_json_cstr(&b, text);
        buffer_add_char(&b, '}');
        if (buffer_status(&b) < 0) {
                buffer_done(&b);
                return -ENOMEM;
        }
        *ret = (struct reply){.status = status, .body = buffer_take(&b)};
        return 0;
}

static int refuse(struct reply *ret, unsigned status, const char *sentence)
{
        int r = reply_error(ret, status, "%s", sentence);

        return r < 0 ? r : 1;
}

/* "application/json; charset=utf-8", "application/cloudevents+json". Anything else is refused: a
 * browser can be made to post plain text or forms to loopback by any page, but not this. */
static bool is_json(const char *type)
{
        size_t n = type ? strcspn(type, "; \t") : 0;

        return (n == 16 && strncasecmp(type, "application/json", n) == 0) ||
               (n > 17 && strncasecmp(type, "application/", 12) == 0 &&
                strncasecmp(type + n - 5, "+json", 5) == 0);
}

static bool shows_token(const struct route *route, const struct request *q)
{
        const char *authorization = q->get(q->of, "Authorization");

        return secret_matches_bearer(&route->tokens, authorization) ||
               secret_matches_basic(&route->tokens, authorization) ||
               (route->token_header &&
                secret_matches(&route->tokens, q->get(q->of, route->token_header))) ||
               (route->token_query &&
                secret_matches(&route->tokens, q->query(q->of, route->token_query)));
}

static int refuse_unknown(struct reply *ret, const char *sentence)
{
        int r = refuse(ret, 401, sentence);

        if (r == 1) {
                ret->header = "WWW-Authenticate";
                ret->value = "Bearer realm=\"capad\"";
        }
        return r;
}

/* A compressed body could be a thousand times as large as it looks. */
static bool is_plain(const char *encoding)
{
        return !encoding || strcasecmp(encoding, "identity") == 0;
}

static int refuse_encoding(struct reply *ret)
{
        int r = refuse(ret, 415, "the body must not be compressed: switch Content-Encoding off");

        if (r == 1) {
                ret->header = "Accept-Encoding"; /* RFC 7694 */
                ret->value = "identity";
        }
        return r;
}

int exchange_admit(const struct config *c, const struct request *q, const struct route **ret_route,
                   struct reply *ret_reply)
{
        const struct route *route = config_route(c, q->path);
        const char *length;
        int r;

        if (!route)
                return refuse(ret_reply, 404,
                              "no tool posts here: look at \"routes\" in webhook.json");
        if (strcmp(q->method, "POST") != 0) {
                r = refuse(ret_reply, 405, "events are posted: use POST");
                if (r == 1) {
                        ret_reply->header = "Allow";
                        ret_reply->value = "POST";
                }
                return r;
        }
        if (route->tokens.n > 0 && !shows_token(route, q))
                return refuse_unknown(ret_reply, "the token is missing or wrong");
        if (route->signatures.n > 0 && !q->get(q->of, route->signature_header))
                return refuse_unknown(ret_reply, "the signature is missing");
        if (!is_plain(q->get(q->of, "Content-Encoding")))
                return refuse_encoding(ret_reply);
        if (!is_json(q->get(q->of, "Content-Type")))
                return refuse(ret_reply, 415,
                              "the body must be JSON, with Content-Type: application/json");
        length = q->get(q->of, "Content-Length");
        if (length && strtoull(length, NULL, 10) > LIMIT_EVENT_BYTES)
                return refuse(ret_reply, 413, "the body is larger than the 4 MiB of one event");
        *ret_route = route;
        return 0;
}

static const char *delivery_number(const struct route *route, const struct request *q)
{
        const char *number = NULL;

        if (route->delivery_header)
                return q->get(q->of, route->delivery_header);
        for (size_t i = 0; !number && i < ARRAY_LEN(DELIVERY_HEADERS); i++)
                number = q->get(q->of, DELIVERY_HEADERS[i]);
        return number && *number ? number : NULL;
}

/* X-GitHub-Event becomes xgithubevent: names of extensions have lower-case letters and digits only.
 */
static void add_extension(struct buffer *b, const char *name, const char *value)
{
        buffer_add_str(b, ",\"");
        for (; *name; name++)
                if (*name >= 'A' && *name <= 'Z')
                        buffer_add_char(b, (char) (*name - 'A' + 'a'));
                else if (*name != '-' && *name != '_')
                        buffer_add_char(b, *name);
        buffer_add_str(b, "\":");
        buffer_add_json_cstr(b, value);
}

/* The body in a CloudEvent with the headers that the adapter needs. The same delivery gives the
 * same bytes. */
static void wrap(struct buffer *b, const struct route *route, const struct request *q,
                 const char *request_id, const struct buffer *body)
{
        buffer_add_str(b, "{\"specversion\":\"1.0\",\"id\":");
        buffer_add_json_cstr(b, request_id);
        buffer_add_str(b, ",\"source\":\"capa-webhook\",\"type\":\"http.post\",\"subject\":");
        buffer_add_json_cstr(b, route->path);
        for (size_t i = 0; route->headers[i]; i++) {
                const char *value = q->get(q->of, route->headers[i]);

                if (value)
                        add_extension(b, route->headers[i], value);
        }
        buffer_add_str(b, ",\"data\":");
        buffer_add(b, body->data, body->size);
        buffer_add_char(b, '}');
}

/* Which status tells the tool what became of its event: 2xx is never repeated, 4xx is given up. */
static unsigned status_of(const char *answer)
{
        cleanup_(json_tape_done) struct json_tape tape = JSON_TAPE_NULL;
        cleanup_(free_p) char *name = NULL;
        uint32_t list, node;

        if (json_tape_parse(&tape, answer, strlen(answer), NULL) != 0 ||
            json_member(&tape, 0, "verdicts", &list) != 0 || tape.nodes[list].kind != JSON_ARRAY ||
            tape.nodes[list].count != 1 ||
            json_member(&tape, json_first(&tape, list), "status", &node) != 0 ||
            json_string_dup(&tape, node, &name) != 0)
                return 502;
        switch (verdict_from_name(name)) {
        case VERDICT_STORED:
        case VERDICT_DUPLICATE:
        case VERDICT_IGNORED:
                return 200;
        case VERDICT_TOO_BIG:
                return 413;
        case VERDICT_CONFLICT:
        case VERDICT_INVALID:
        case VERDICT_FORBIDDEN:
                return 422;
        case VERDICT_MAX:
        case VERDICT_INVALID_NAME:
                break;
        }
        return 502;
}

static int reply_result(int result, char **answer, struct reply *ret)
{
        int r;

        switch (result) {
        case SENDER_ACKED:
                *ret = (struct reply){.status = status_of(*answer)};
                ret->body = TAKE_PTR(*answer);
                return 0;
        case SENDER_E_REFUSED: /* of this program, not of the event: who keeps it may repeat it */
                *ret = (struct reply){.status = 502, .body = TAKE_PTR(*answer)};
                return 0;
        case SENDER_E_NO_ANSWER:
                r = reply_error(ret, 503, "capad did not commit in time: send it again");
                if (r == 0) {
                        ret->header = "Retry-After";
                        ret->value = RETRY_AFTER;
                }
                return r;
        case SENDER_E_TOO_BIG:
                return reply_error(ret, 413, "%s", *answer);
        default:
                return reply_error(ret, 400, "%s", *answer);
        }
}

/* What is to be wrapped is one text; an adapter also takes several, one a line. */
static bool is_valid(const struct route *route, const struct buffer *body, struct reply *ret_reply,
                     int *ret)
{
        bool lines = route->adapter[0] && !route->headers;
        cleanup_(json_tape_done) struct json_tape tape = JSON_TAPE_NULL;
        struct problem problem = {0};

        *ret = (lines ? json_tape_parse_lines
                      : json_tape_parse)(&tape, body->data ? body->data : "", body->size, &problem);
        if (*ret > 0) {
                problem_locate(&problem, body->data ? body->data : "", body->size);
                *ret = reply_error(ret_reply, 400, "the body is no JSON: %s", problem.text);
                return false;
        }
        return *ret == 0;
}

int exchange_answer(struct sender *s, const struct route *route, const struct request *q,
                    const struct buffer *body, struct reply *ret_reply)
{
        const struct delivery delivery = {route->path, delivery_number(route, q), body->data,
                                          body->size};
        cleanup_(buffer_done) struct buffer wrapped = BUFFER_NULL;
        cleanup_(free_p) char *answer = NULL;
        const struct buffer *event = body;
        char request_id[REQUEST_ID_MAX];
        int r;

        if (body->size > LIMIT_EVENT_BYTES)
                return reply_error(ret_reply, 413,
                                   "the body is larger than the 4 MiB of one event");
        if (route->signatures.n > 0 &&
            !secret_signed(&route->signatures, q->get(q->of, route->signature_header), body->data,
                           body->size)) {
                r = refuse_unknown(ret_reply, "the signature is not that of this body");
                return r < 0 ? r : 0;
        }
        if (!is_valid(route, body, ret_reply, &r))
                return r;
        sender_name(s, &delivery, request_id);
        if (route->headers) {
                wrap(&wrapped, route, q, request_id, body);
                r = buffer_status(&wrapped);
                if (r < 0)
                        return r;
                event = &wrapped;
        }
        r = sender_put(s, request_id, route->adapter, event->data, event->size, &answer);
        if (r < 0)
                return r;
        if (r != SENDER_E_NO_ANSWER && r != SENDER_E_REFUSED)
                sender_forget(s, request_id);
        return reply_result(r, &answer, ret_reply);
}
